export { aloneNode, type Joining, joinNodes, type Nodes } from './nodes.ts';
export { becomeSender, committedUnlessMoved, nextTry, type Sender, type SendingNode } from './sender.ts';
