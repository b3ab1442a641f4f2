import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import subsetFont from 'subset-font';
import { defineConfig, type Plugin } from 'vite';
import { places } from './src/places.ts';

/** The server answers the console's addresses with its page, and no other: it reads here which these are. */
const pages: Plugin = {
  name: 'pages',
  generateBundle() {
    const firsts = [...new Set(['', ...places.map(({ path }) => path.split('/')[1] ?? '')])];
    this.emitFile({ type: 'asset', fileName: 'pages.json', source: JSON.stringify(firsts) });
  },
};

const range = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at)).join('');
const letters = `${range(0x20, 0x7e)}${range(0xa0, 0xff)}ıŒœʻʼˆ˚˜‐‑–—‘’‚“”„•…′‹›€™←↑→↓−∕≠⌘⇧↵\ufffd`;
const cuts = [
  [/inter-latin-wght/, ['kern', 'ccmp', 'mark', 'mkmk', 'locl', 'tnum', 'calt', 'case']],
  // Without its ligatures: in ids and calls, every character stands for itself.
  [/jetbrains-mono-latin-wght/, ['zero', 'ccmp', 'mark', 'mkmk', 'locl']],
] as const;

/** Every page needs these two: they keep the letters of western languages, in the weights that are used. Others load their own files. */
const fonts: Plugin = {
  name: 'fonts',
  async generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      const cut = cuts.find(([name]) => name.test(file.fileName));
      if (file.type !== 'asset' || cut === undefined) continue;
      // The types know nothing of its newest option.
      const how: Parameters<typeof subsetFont>[2] & { keepFeatures: string[] } = {
        targetFormat: 'woff2',
        variationAxes: { wght: { min: 400, max: 600 } },
        keepFeatures: [...cut[1]],
      };
      file.source = await subsetFont(Buffer.from(file.source), letters, how);
    }
  },
};

export default defineConfig({
  plugins: [react(), tailwind(), pages, fonts],
  // Sources of the workspace, as everywhere in the house: no package has to be built first.
  resolve: { conditions: ['ambit-source', 'module', 'browser', 'production'] },
  build: {
    target: 'baseline-widely-available',
    // Every file is one that the server names: nothing comes as data: URL, which the policy of the page refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Licences of what is inside stand beside it.
    license: { fileName: 'assets/licences.txt' },
  },
});
