import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { type KeySettings, keepKeys, keptKeys, singleKeys } from '../../kit/key-settings.ts';
import { TabBar } from '../../kit/tab-bar.tsx';
import { readTheme, setTheme, type Theme } from '../../kit/theme.ts';
import { Section } from './section.tsx';

/** Kept in this browser alone: another keyboard has other needs (WCAG 2.1.4). */
export function Keyboard() {
  const [settings, setSettings] = useState<KeySettings>(keptKeys());
  const [theme, setShownTheme] = useState<Theme>(readTheme());
  const change = (next: KeySettings) => {
    keepKeys(next);
    setSettings(next);
  };
  return (
    <>
      <Section
        title="Single keys"
        says="Keys that work without Ctrl or ⌘. Off while you type, in any case. No key answers a question without the dialog."
      >
        <TabBar
          label="Single keys"
          value={settings.isOff ? 'off' : 'on'}
          onChange={(to) => change({ ...settings, isOff: to === 'off' })}
          tabs={[
            { value: 'on', says: 'On' },
            { value: 'off', says: 'Off' },
          ]}
        />
        <table className="w-fit text-interface">
          <thead>
            <tr className="text-left text-caption text-text-2">
              <th className="py-1 pr-8 font-normal">What it does</th>
              <th className="py-1 font-normal">Key</th>
            </tr>
          </thead>
          <tbody>
            {singleKeys.map(({ key, says }) => {
              const own = settings.instead[key] ?? key;
              return (
                <tr key={key}>
                  <td className="py-1 pr-8">{says}</td>
                  <td className="py-1">
                    <input
                      aria-label={`Key for: ${says}`}
                      value={own.toUpperCase()}
                      disabled={settings.isOff}
                      onFocus={({ target }) => target.select()}
                      onChange={({ target }) => {
                        const pressed = [...target.value.toLowerCase()].at(-1);
                        if (pressed !== undefined && pressed.trim() !== '')
                          change({ ...settings, instead: { ...settings.instead, [key]: pressed } });
                      }}
                      className="code min-h-8 w-12 rounded-control border border-line-strong bg-surface text-center max-sm:min-h-11"
                    />
                    {singleKeys.some(
                      (other) => other.key !== key && (settings.instead[other.key] ?? other.key) === own,
                    ) && (
                      <span role="alert" className="ml-3 text-caption text-deny">
                        Another key is the same.
                      </span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        <Button className="justify-self-start" onClick={() => change({ isOff: false, instead: {} })}>
          As they were at first
        </Button>
      </Section>
      <Section title="Look">
        <TabBar
          label="Theme"
          value={theme}
          onChange={(to) => {
            setTheme(to);
            setShownTheme(to);
          }}
          tabs={[
            { value: 'system', says: 'As the system' },
            { value: 'light', says: 'Light' },
            { value: 'dark', says: 'Dark' },
          ]}
        />
      </Section>
    </>
  );
}
