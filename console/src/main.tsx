import './console.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { applyTheme } from './kit/theme.ts';
import { queries } from './plane/queries.ts';
import { SessionProvider } from './plane/session-provider.tsx';
import { router } from './router.tsx';

applyTheme();
// The library of dialogs adds a style element, which the policy of this page lets in by this one-time word only.
setNonce(document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '');

const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no element for the console');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <RouterProvider router={router} />
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
