/** The parts of the settings, each with an address of its own. */
export const settingsTabs = [
  { name: 'people', says: 'People' },
  { name: 'credentials', says: 'Credentials' },
  { name: 'keys', says: 'Keys' },
  { name: 'notifications', says: 'Notifications' },
  { name: 'keyboard', says: 'Keyboard' },
] as const;
