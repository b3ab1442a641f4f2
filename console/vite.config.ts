import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
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

export default defineConfig({
  plugins: [react(), tailwind(), pages],
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
