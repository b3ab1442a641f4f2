export * from './api.ts';
export * from './problem.ts';
export * from './route.ts';
