import { authorityShape, ShapeFault } from '@ambit/protocol';
import type { Authority } from '@ambit/sdk/operator';

/** Grants as JSON, read by the very shape that the plane reads them by; or what is wrong with them. */
export function readAuthority(text: string): { readonly authority: Authority } | { readonly fault: string } {
  try {
    return { authority: authorityShape.read(JSON.parse(text), 'grants') };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: 'This is no JSON.' };
    if (error instanceof ShapeFault) return { fault: error.message };
    throw error;
  }
}
