/** The only file of the command line that knows the plane. It is loaded when it is needed: most commands do without. */
export {
  initialise,
  type KeyDescription,
  keySourceOf,
  loadKeys,
  moveTo,
  readConfig,
  rotateSvidKey,
  rotateTokenKey,
  rotateVaultKey,
  serve,
} from '@ambit/server';
