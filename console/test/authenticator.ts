import type { BrowserContext, CDPSession, Page } from 'playwright-core';

/** The device that holds a person's passkeys: Chromium's own virtual one, in front of the real WebAuthn of the page. */
export type Authenticator = {
  /** Whether whoever holds the device shows a finger, a face or a PIN. */
  confirms(does: boolean): Promise<void>;
};

/** Gives the page a device. Each page has its own: they do not share passkeys. */
export async function addAuthenticator(context: BrowserContext, page: Page): Promise<Authenticator> {
  const session: CDPSession = await context.newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
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
  };
}
