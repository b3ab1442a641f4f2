import { authorityShape, integer, object, optional, ShapeFault, text } from '@ambit/protocol';
import type { NewAgent } from '@ambit/sdk/operator';

const word = text({ max: 200 });
const manifest = object({
  name: word,
  team: word,
  purpose: text({ max: 500 }),
  environment: word,
  zone: word,
  expiresAt: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  ceiling: authorityShape,
  liveTasksMax: optional(integer({ min: 1, max: 10_000 })),
});

/** An agent as it was pasted: exactly what the plane takes, or what is wrong with it. */
export function readManifest(given: string): { readonly agent: NewAgent } | { readonly fault: string } {
  try {
    return { agent: manifest.read(JSON.parse(given), '') };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: 'This is no JSON.' };
    if (error instanceof ShapeFault) return { fault: error.message };
    throw error;
  }
}
