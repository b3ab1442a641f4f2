import type { BrowserContext, CDPSession, Page } from 'playwright-core';

/** The device that holds a person's passkeys: Chromium's own virtual one, in front of the real WebAuthn of the page. */
export type Authenticator = {
  /** Whether whoever holds the device shows a finger, a face or a PIN. */
  confirms(does: boolean): Promise<void>;
  /** Whether somebody touches it when it asks; until then it waits. */
  isTouched(does: boolean): Promise<void>;
  /** How many passkeys are in it. */
  passkeys(): Promise<number>;
  /** Takes it away, with the passkeys in it. */
  remove(): Promise<void>;
};

/** Gives the page a device. Each page has its own: they do not share passkeys. Of a second one on the same page, `usb` is the way. */
export async function addAuthenticator(
  context: BrowserContext,
  page: Page,
  transport: 'internal' | 'usb' = 'internal',
): Promise<Authenticator> {
  const session: CDPSession = await context.newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async confirms(does) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: does });
    },
    async isTouched(does) {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: does });
    },
    async passkeys() {
      return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length;
    },
    async remove() {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}
