import { createServer } from 'node:http';
const body = JSON.stringify({ id: '1042', customer: 'cus_0217', total: '180.00', state: 'delivered', items: [{ sku: 'a', n: 1 }], pad: 'x'.repeat(700) });
const s = createServer((q, r) => { r.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }); r.end(body); });
s.listen(Number(process.argv[2]), '127.0.0.1');
