/** npm run console: builds what people see in a browser into console/dist. Most commands do it by themselves. */
import { buildConsole } from './parts/build-console.ts';

await buildConsole();
