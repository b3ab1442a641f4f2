import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotDurable } from './postgres-link.ts';
import { whyNotPostgresUrl } from './postgres-url.ts';

test('a database on this machine may be reached without TLS, by address, name or socket', () => {
  for (const url of [
    'postgres://ambit@127.0.0.1/ambit',
    'postgresql://ambit:secret@localhost:5433/ambit',
    'postgres://ambit@[::1]/ambit?options=-c%20search_path%3Done',
    'postgres:///ambit?host=/var/run/postgresql',
  ]) {
    assert.equal(whyNotPostgresUrl(url), undefined, url);
  }
});

test('between-nodes: a database elsewhere is reached only with TLS and a verified name', () => {
  const away = 'postgres://ambit:secret@db.internal/ambit';
  assert.equal(whyNotPostgresUrl(`${away}?sslmode=verify-full`), undefined);
  assert.equal(whyNotPostgresUrl(`${away}?sslmode=verify-full&sslrootcert=/etc/ambit/ca.pem`), undefined);
  for (const mode of ['', '?sslmode=require', '?sslmode=prefer', '?sslmode=verify-ca', '?sslmode=no-verify']) {
    const why = whyNotPostgresUrl(away + mode);
    assert.match(why ?? '', /db\.internal is not this machine: add sslmode=verify-full/, mode);
    assert.doesNotMatch(why ?? '', /secret/);
  }
  assert.match(whyNotPostgresUrl('postgres://ambit@127.0.0.1.example/ambit') ?? '', /not this machine/);
});

test('between-nodes: nothing behind the question mark leads to another host or takes TLS away', () => {
  const safe = 'postgres://ambit@127.0.0.1/ambit';
  for (const more of ['host=db.internal', 'hostaddr=10.0.0.1', 'port=1', 'ssl=0', 'uselibpqcompat=true']) {
    assert.notEqual(whyNotPostgresUrl(`${safe}?${more}`), undefined, more);
  }
  assert.match(whyNotPostgresUrl('postgres://db.internal/ambit?host=/tmp&sslmode=verify-full') ?? '', /local socket/);
});

test('what is no URL of a database is said to be none, without repeating it', () => {
  assert.match(whyNotPostgresUrl('ambit:hunter2') ?? '', /begins with postgres:\/\//);
  assert.match(whyNotPostgresUrl('mysql://a:hunter2@b/c') ?? '', /begins with postgres:\/\//);
  assert.match(whyNotPostgresUrl('hunter2') ?? '', /expected a URL/);
  assert.match(whyNotPostgresUrl('postgres://ambit@127.0.0.1') ?? '', /names no database/);
  assert.match(whyNotPostgresUrl('postgres:///ambit') ?? '', /names no host/);
});

test('a server that may lose what it answered for is refused, with the setting that is wrong', () => {
  const good = { version: 150_000, encoding: 'UTF8', standby: false, synchronous: 'on', fsync: 'on', pages: 'on' };
  assert.equal(whyNotDurable(good), undefined);
  assert.equal(whyNotDurable({ ...good, synchronous: 'remote_apply' }), undefined);
  assert.match(whyNotDurable({ ...good, synchronous: 'off' }) ?? '', /synchronous_commit is off/);
  assert.match(whyNotDurable({ ...good, fsync: 'off' }) ?? '', /fsync is off/);
  assert.match(whyNotDurable({ ...good, pages: 'off' }) ?? '', /full_page_writes is off/);
  assert.match(whyNotDurable({ ...good, standby: true }) ?? '', /standby/);
  assert.match(whyNotDurable({ ...good, encoding: 'SQL_ASCII' }) ?? '', /ENCODING 'UTF8'/);
  assert.match(whyNotDurable({ ...good, version: 120_000 }) ?? '', /older than PostgreSQL 13/);
});
