/** Every target is a file of that name in `targets/`, and has a test file of that name here, so that two run at a time. */
export const targetNames = ['path', 'body', 'cedar', 'token', 'request', 'log-proof', 'authority', 'openapi'] as const;

export type TargetName = (typeof targetNames)[number];
