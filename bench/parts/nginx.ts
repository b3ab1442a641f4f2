import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Program, startProgram } from './children.ts';
import { program } from './peers.ts';
import { scratchFolder } from './places.ts';

/** One worker, kept connections both ways, nothing logged. Undefined where there is no nginx and none can be had. */
export async function startNginx(
  server: string,
  upstreams: Readonly<Record<string, string>>,
  { say, port: wanted }: { readonly say: (text: string) => void; readonly port?: number },
): Promise<{ readonly program: Program; readonly port: number } | undefined> {
  const command = program('nginx', 'nginx-light', say);
  if (command === undefined) return undefined;
  const folder = scratchFolder();
  const port = wanted ?? (await freePort());
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const pools = Object.entries(upstreams).map(
    ([name, origin]) =>
      `upstream ${name} { server ${new URL(origin).host}; keepalive 64; keepalive_requests 1000000000; }`,
  );
  const text = `
worker_processes 1;
daemon off;
error_log stderr crit;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  ${temporary.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n  ')}
  ${pools.join('\n  ')}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  server {
    listen 127.0.0.1:${port};
    merge_slashes off;
    ${server}
  }
}
`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, text);
  const started = await startProgram(command, ['-p', folder, '-c', file, '-e', 'stderr'], port);
  return { program: started, port };
}
