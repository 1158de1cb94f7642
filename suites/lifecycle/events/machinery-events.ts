// SPDX-License-Identifier: Apache-2.0
import { conditionsOf } from '../../../harness/check/conditions.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { isAvailable, isEnding } from '../../../harness/target/controller-state.ts';
import { seconds } from '../../../harness/units.ts';
import type { CellPlay } from '../cell-play.ts';
import type { EventRow } from '../event-row.ts';
import { playedOn, unless } from './applicability.ts';
import { allWell, serverDown, underNack, type Circumstance } from './circumstances.ts';

const watch = seconds(1.5);

/** Something that happens to the proxies of the Gateway. */
interface ProxyChange {
  readonly id: string;
  /** `is killed` */
  readonly does: string;
  readonly telling?: boolean;
  /** Also while something is wrong already. `false` by default: two of the ways in which proxies go are enough for that. */
  readonly whileWrong?: boolean;
  readonly change: (cell: CellPlay) => Promise<void>;
  /** Until new proxies are there; and what was changed is undone. */
  readonly settle: (cell: CellPlay) => Promise<void>;
}

const podsOf = async ({ context, stage }: CellPlay): Promise<readonly Resource[]> =>
  (await context.proxies.pods(stage.gateway)).filter((pod) => !isEnding(pod));

const isReady = (pod: Resource): boolean => conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True');

const removeProxies = (graceSeconds?: number) => async (cell: CellPlay) => {
  const { kube } = cell.context;
  for (const { apiVersion, kind, metadata } of await podsOf(cell)) {
    const { name, namespace = cell.stage.namespace } = metadata;
    await kube.remove({ apiVersion, kind, name, namespace }, graceSeconds === undefined ? {} : { graceSeconds });
  }
};

const untilReady = (cell: CellPlay, count = 1) =>
  cell.until(`${count} proxies to be ready`, async () => {
    const pods = await podsOf(cell);
    return pods.length === count && pods.every(isReady);
  });

const rolledBy = 'gauntlet.dev/rolled';

const deploymentOf = ({ resources, stage }: CellPlay): Promise<Resource> =>
  resources.current({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: stage.namespace, name: stage.gateway.name });

/** Writes into the Deployment of the proxies, beside what the controller writes. */
async function deploy(cell: CellPlay, { replicas = 1, rolled }: { readonly replicas?: number; readonly rolled?: string }): Promise<void> {
  const { apiVersion, kind, spec } = await deploymentOf(cell);
  const template = (spec as { readonly template?: { readonly metadata?: Pick<Resource['metadata'], 'annotations'> } } | undefined)
    ?.template;
  // One that was rolled before would be rolled again if that were left out.
  const mark = rolled ?? template?.metadata?.annotations?.[rolledBy];
  await cell.context.kube.apply({
    apiVersion,
    kind,
    metadata: { name: cell.stage.gateway.name, namespace: cell.stage.namespace },
    spec: { replicas, ...(mark === undefined ? {} : { template: { metadata: { annotations: { [rolledBy]: mark } } } }) },
  });
}

const untilDeployed = (cell: CellPlay) =>
  cell.until('the proxies to be what their Deployment says', async () => isAvailable(await deploymentOf(cell)));

const proxyChanges: readonly ProxyChange[] = [
  { id: 'proxy-killed', does: 'the proxy is killed', telling: true, whileWrong: true, change: removeProxies(0), settle: untilReady },
  { id: 'proxy-restarted', does: 'the proxy is asked to end, and another one comes', change: removeProxies(), settle: untilReady },
  {
    id: 'proxy-rolled',
    does: 'the proxies are rolled out anew',
    whileWrong: true,
    change: (cell) => deploy(cell, { rolled: cell.context.namespace }),
    settle: untilDeployed,
  },
  {
    id: 'proxy-scaled',
    does: 'the proxies become two, and then one again',
    change: async (cell) => {
      await deploy(cell, { replicas: 2 });
      await untilReady(cell, 2);
      await cell.watch(watch);
    },
    settle: async (cell) => {
      await deploy(cell, { replicas: 1 });
      await untilReady(cell);
    },
  },
];

const proxyEvent = ({ id, does, telling = false, change, settle }: ProxyChange, circumstance: Circumstance): EventRow => ({
  id: `${id}${circumstance.suffix}`,
  group: 'machinery',
  title: `${does}${circumstance.title}`,
  telling: telling && circumstance === allWell,
  cannot: unless(telling && circumstance === allWell ? playedOn('gateway', 'route') : playedOn('route'), circumstance.cannot),
  play: async (cell) => {
    await cell.interrupt(`${does}${circumstance.title}`, async () => {
      await circumstance.begin(cell);
      await change(cell);
    });
    if (circumstance === allWell) {
      await cell.restore('new proxies are there', () => settle(cell));
    } else {
      await cell.watch(seconds(4));
      await cell.restore('all is as before', async () => {
        await circumstance.end(cell);
        await settle(cell);
      });
    }
    await cell.watch(watch);
  },
});

const onRoutes = playedOn('route');

const removeControllers =
  (graceSeconds?: number) =>
  async ({ context: { kube, controller } }: CellPlay) => {
    for (const { apiVersion, kind, metadata } of await controller.pods()) {
      const { name, namespace = '' } = metadata;
      await kube.remove({ apiVersion, kind, name, namespace }, graceSeconds === undefined ? {} : { graceSeconds });
    }
  };

/** The controller goes and comes back by itself; its proxies go on without it. */
const controllerReplaced = (id: string, does: string, graceSeconds: number | undefined, circumstance: Circumstance): EventRow => ({
  id: `${id}${circumstance.suffix}`,
  group: 'machinery',
  title: `${does}${circumstance.title}`,
  inStep: true,
  cannot: unless(onRoutes, circumstance.cannot),
  play: async (cell) => {
    const begin = () => circumstance.begin(cell);
    if (circumstance.interrupts) await cell.prepare(`it begins${circumstance.title}`, begin);
    else await begin();
    const once = await cell.meet();
    await cell.event(does, () => once(() => removeControllers(graceSeconds)(cell)));
    await cell.step('another controller leads', () => cell.context.controller.ready());
    await cell.watch(watch);
    if (circumstance.interrupts) await cell.restore('all is as before', () => circumstance.end(cell));
    else await cell.step('all is as before', () => circumstance.end(cell));
    await cell.watch(watch);
  },
});

/** What happens while there is no controller, which comes back then. */
interface WhileAway {
  readonly id: string;
  readonly what: string;
  readonly starts?: EventRow['starts'];
  readonly work: (cell: CellPlay) => Promise<void>;
}

const whileAway = ({ id, what, starts = 'in-force', work }: WhileAway): EventRow => ({
  id: `controller-away-${id}`,
  group: 'machinery',
  title: `${what} while there is no controller, which then comes back`,
  inStep: true,
  starts,
  cannot: onRoutes,
  play: async (cell) => {
    const { controller } = cell.context;
    const count = (await controller.pods()).length;
    if (starts === 'bare') cell.forbid();
    const leaving = await cell.meet();
    await cell.interrupt('the controller is scaled to nothing', () => leaving(() => controller.scale(0)));
    await cell.step(what, () => work(cell));
    await cell.watch(watch);
    const returning = await cell.meet();
    await cell.restore('the controller is back', () => returning(() => controller.scale(count)));
    await cell.watch(watch);
  },
});

const away: readonly WhileAway[] = [
  { id: 'edited', what: 'the policy is edited', work: ({ resources }) => resources.writePolicy('edited') },
  {
    id: 'created',
    what: 'policy and route are written',
    starts: 'bare',
    work: async ({ resources }) => {
      await resources.writePolicy();
      await resources.writeRoutes();
    },
  },
  { id: 'proxy-killed', what: 'the proxy is killed', work: removeProxies(0) },
];

/** Of two controllers one leads, and when one goes, it may be that one. */
const controllerScaled: EventRow = {
  id: 'controller-scaled',
  group: 'machinery',
  title: 'the controllers become two, and then one again',
  inStep: true,
  cannot: onRoutes,
  play: async (cell) => {
    const { controller } = cell.context;
    const count = (await controller.pods()).length;
    const growing = await cell.meet();
    await cell.event('there is a second controller', () => growing(() => controller.scale(count + 1)));
    await cell.watch(watch);
    const shrinking = await cell.meet();
    await cell.step('it is gone', () => shrinking(() => controller.scale(count)));
    await cell.watch(watch);
  },
};

/** What happens to the controller and to its proxies. */
export const machineryEvents: readonly EventRow[] = [
  ...proxyChanges.map((change) => proxyEvent(change, allWell)),
  ...proxyChanges
    .filter(({ whileWrong }) => whileWrong === true)
    .flatMap((change) => [serverDown, underNack].map((circumstance) => proxyEvent(change, circumstance))),
  ...[allWell, serverDown, underNack].flatMap((circumstance) => [
    controllerReplaced('controller-killed', 'the controller is killed', 0, circumstance),
    controllerReplaced('controller-restarted', 'the controller is asked to end, and another one comes', undefined, circumstance),
  ]),
  controllerScaled,
  ...away.map(whileAway),
];
