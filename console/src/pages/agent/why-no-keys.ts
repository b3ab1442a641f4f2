/** Where the tab of keys says why what changes them is off: once, for all its buttons. */
export const whyNoKeys = 'why-no-keys';
