import '@xyflow/react/dist/base.css';
import { Background, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { Foreign } from '../../kit/foreign.tsx';
import { StateChip } from '../../kit/state-chip.tsx';
import { WhoMark } from '../../kit/who.tsx';
import type { Branch } from './tree.ts';

type ChainGraphProps = {
  readonly branches: readonly Branch[];
  readonly current: string;
  readonly agents: Readonly<Record<string, string>>;
};
type Drawn = Node<{
  readonly agent: string;
  readonly state: string;
  readonly depth: number;
  readonly isCurrent: boolean;
}>;

const step = { x: 290, y: 84 };

/** The chain as a drawing. The list before it says the same, so that nobody needs this one. */
export default function ChainGraph({ branches, current, agents }: ChainGraphProps) {
  const { nodes, edges } = drawn(branches, current, agents);
  return (
    <div aria-hidden="true" className="h-64 overflow-hidden rounded-card border border-line bg-canvas">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.2 }}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background color="var(--line)" />
      </ReactFlow>
    </div>
  );
}

const nodeTypes = { task: TaskNode };

function TaskNode({ data: { agent, state, depth, isCurrent } }: NodeProps<Drawn>) {
  return (
    <div
      className={`flex w-60 items-center gap-2 rounded-control border bg-surface px-2.5 py-2 text-interface ${isCurrent ? 'border-accent' : 'border-line-strong'}`}
    >
      <Handle type="target" position={Position.Left} className="invisible" />
      <WhoMark who={{ kind: 'agent', name: agent }} lane={depth === 0 ? 1 : 2} />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <Foreign inline text={agent} />
      </span>
      <StateChip of="task" state={state} />
      <Handle type="source" position={Position.Right} className="invisible" />
    </div>
  );
}

function drawn(branches: readonly Branch[], current: string, agents: Readonly<Record<string, string>>) {
  const nodes: Drawn[] = [];
  const edges: Edge[] = [];
  let row = 0;
  const draw = ({ task, below }: Branch, column: number) => {
    const { id, agent, state, depth } = task;
    const data = { agent: agents[agent] ?? agent, state, depth, isCurrent: id === current };
    nodes.push({ id, type: 'task', position: { x: column * step.x, y: row * step.y }, data });
    below.forEach((one, at) => {
      if (at > 0) row += 1;
      edges.push({
        id: `${id} ${one.task.id}`,
        source: id,
        target: one.task.id,
        style: { stroke: 'var(--line-strong)' },
      });
      draw(one, column + 1);
    });
  };
  for (const one of branches) {
    draw(one, 0);
    row += 1;
  }
  return { nodes, edges };
}
