/**
 * Whether a fault is played whole, by `npm run test:faults`, or in a size that everybody can wait for, by `npm test`.
 */
export const isFull = process.env.FAULTS_FULL === 'yes';
