// What Alice sees, who owns the agents: most addresses of the console.
import { walkPages } from './walk-pages.ts';

walkPages(['alice']);
