import { parseArgs } from 'node:util';
import { startShop } from './start-shop.ts';

const usage = `Usage: SHOP_API_KEY=… node main.ts [--port 0] [--host 127.0.0.1] [--data-file shop.jsonl]
Prints {"url","adminUrl"} when it is ready. Ends with its standard input, or on SIGTERM or SIGINT.`;

async function main() {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, host: { type: 'string' }, 'data-file': { type: 'string' } },
  });
  const apiKey = process.env.SHOP_API_KEY;
  if (apiKey === undefined) throw new Error('set SHOP_API_KEY to the key that callers must present');
  if (!/^[0-9]{1,5}$/.test(values.port)) throw new Error(`--port takes a number, not "${values.port}"`);
  const shop = await startShop({
    apiKey,
    port: Number(values.port),
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values['data-file'] === undefined ? {} : { dataFile: values['data-file'] }),
  });
  endWithParent(shop.close);
  process.stdout.write(`${JSON.stringify({ url: shop.url, adminUrl: shop.adminUrl })}\n`);
}

/** Whoever started the shop holds its standard input open; when they are gone, so is the shop. */
function endWithParent(close: () => Promise<void>) {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    close().then(() => process.exit(0), fail);
  };
  process.stdin.on('end', end).on('close', end).on('error', end).resume();
  process.on('SIGTERM', end).on('SIGINT', end);
}

function fail(fault: unknown) {
  process.stderr.write(`shop: ${fault instanceof Error ? fault.message : String(fault)}\n${usage}\n`);
  process.exit(1);
}

main().catch(fail);
