import { readFileSync } from 'node:fs';

// Loaded before the plane: its machine's clock is wrong by as many milliseconds as the file says, and may jump.
const file = process.env.FAULTS_CLOCK ?? '';
const real = Date.now;
Date.now = () => real() + Number(readFileSync(file, 'utf8'));
