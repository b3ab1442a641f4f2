export * from './api.ts';
export { createHeldBytes, heldBytesMax } from './held-bytes.ts';
export * from './load.ts';
export { openFilesMax } from './open-files.ts';
export { hasPages, openPages } from './pages.ts';
export * from './peer-certificate.ts';
export * from './problem.ts';
export * from './route.ts';
export * from './tls.ts';
