export * from './api.ts';
export * from './load.ts';
export { openFilesMax } from './open-files.ts';
export * from './problem.ts';
export * from './route.ts';
