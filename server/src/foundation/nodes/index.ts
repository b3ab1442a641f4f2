export { aloneNode, type Joining, joinNodes, type Nodes } from './nodes.ts';
