import { writeFileSync } from 'node:fs';
import { openHouse } from '../test/house.ts';
import { rawAgent } from './raw-agent.ts';
import { defaultPolicies } from '../src/policy/default-policies.cedar.ts';
const house = await openHouse({ upstream: process.env.UP!, env: { AMBIT_AGENT_CALLS_PER_SECOND: '100000', ...(process.env.AMBIT_LOG_X ? {} : {}) } });
const n = Number(process.env.POLICIES ?? 0);
if (n > 0) {
  const more = Array.from({ length: n - 6 }, (_, i) => i % 2 === 0
    ? `@id("extra-${i}") @reason("team ${i}")\nforbid (principal is Agent, action in Action::"shop:*", resource) when { principal has team && principal.team == "team-${i}" };`
    : `@id("extra-${i}") @reason("big ${i}")\nforbid (principal is Agent, action == Action::"shop:refunds.create", resource) when { context has amount && context.amount.value.greaterThan(decimal("${1000 + i}.0")) };`);
  await house.ada.operator.policies.publish((defaultPolicies + more.join('\n')) as never);
}
const agent = await rawAgent(house, house.refundBot);
const task = await house.openTask({ ttlSeconds: 3600 });
const token = await agent.accept(task);
writeFileSync('/tmp/perf/info.json', JSON.stringify({ url: house.plane.agents, token, jwk: agent.jwk, priv: agent.privateJwk, pid: process.pid }));
process.on('SIGUSR2', () => { writeFileSync('/tmp/perf/cpu.json', JSON.stringify({ ...process.cpuUsage(), t: Date.now() , rss: process.memoryUsage.rss()})); });
process.on('SIGTERM', () => { process.exit(0); });
console.log('ready');
setInterval(() => {}, 1000);
