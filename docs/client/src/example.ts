/**
 * A walk through the API: the catalogue, a search with facets, one service, what is coming, who I am, and, with a token
 * that may edit, a draft that is refused, mended, published, watched and withdrawn again.
 *
 *   npm start -- http://127.0.0.1:8080/graphql [TOKEN]
 */
import { randomUUID } from 'node:crypto';
import { Monituottaja, Refused } from './client.js';
import {
  CatalogueChangedDocument,
  CataloguePageDocument,
  type CataloguePageQuery,
  ComingSessionsDocument,
  CreateServiceDocument,
  CreateServiceOfferingDocument,
  PublishServiceDocument,
  ScheduleSessionsDocument,
  SearchServicesDocument,
  ServiceDetailsDocument,
  type ServiceContentInput,
  UpdateServiceDocument,
  ViewerDocument,
  WithdrawServiceDocument,
} from './generated.js';

const [url = 'http://127.0.0.1:8080/graphql', token] = process.argv.slice(2);
const api = new Monituottaja({ url, token, language: 'en' });
const helsinki = new Intl.DateTimeFormat('fi-FI', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Helsinki' });
const say = (...lines: string[]) => console.log(lines.join('\n'));
const title = (text: string) => say('', text, '-'.repeat(text.length));

async function browse(): Promise<void> {
  title('The catalogue, two pages of three');
  let after: string | null = null;
  for (let page = 1; page <= 2; page += 1) {
    const { services }: CataloguePageQuery = await api.query(CataloguePageDocument, { first: 3, after });
    if (page === 1) say(`${services.totalCount} services are published`);
    for (const { node } of services.edges) say(`  ${node.name.text} · ${node.organization.name.text}`);
    after = services.pageInfo.endCursor ?? null;
    if (!services.pageInfo.hasNextPage) break;
  }
}

async function search(words: string): Promise<string | undefined> {
  title(`The service map: "${words}", without a referral`);
  const { serviceMap } = await api.query(SearchServicesDocument, {
    filter: { search: words, referralRequired: false },
    first: 5,
  });
  say(`${serviceMap.totalCount} finds`);
  for (const { node } of serviceMap.edges) {
    const next = node.nextSession ? helsinki.format(new Date(node.nextSession.startsAt)) : 'by appointment';
    say(`  ${node.service.name.text} · ${node.offering.venue?.name.text ?? node.service.organization.name.text} · ${next}`);
  }
  const top = serviceMap.supportNeeds.slice(0, 3).map((need) => `${need.label?.text ?? need.value} ${need.count}`);
  say(`  by need: ${top.join(', ')}`);
  return serviceMap.edges[0]?.node.service.id;
}

async function details(id: string): Promise<void> {
  const { service } = await api.query(ServiceDetailsDocument, { id });
  if (!service) return;
  title(service.name.text);
  say(service.description?.text ?? service.summary?.text ?? '');
  for (const { node } of service.offerings.edges) {
    say(`  ${node.provider.name.text}, ${node.venue?.name.text ?? 'no venue'}: ${node.freePlaces ?? 'unlimited'} free places`);
  }
}

async function coming(): Promise<void> {
  title('Coming sessions');
  const { sessions } = await api.query(ComingSessionsDocument, { first: 5, filter: { states: ['PLANNED'] } });
  for (const { node } of sessions.edges) {
    say(`  ${helsinki.format(new Date(node.startsAt))} ${node.offering.name?.text ?? ''} · ${node.offering.provider.name.text}`);
  }
}

/** The organisation in which the caller may edit, if there is one. */
async function whoami(): Promise<string | undefined> {
  title('Who am I?');
  const { viewer } = await api.query(ViewerDocument, {});
  if (!viewer) {
    say('Nobody in particular. Give a token as the second argument to see the editing.');
    return undefined;
  }
  const memberships = viewer.memberships.edges.map(({ node }) => node).filter((membership) => membership.inForce);
  for (const { role, organization } of memberships) say(`  ${role} in ${organization.name.text}`);
  return memberships[0]?.organization.id;
}

async function edit(organization: string): Promise<void> {
  title('A draft, refused and mended');
  const content: ServiceContentInput = {
    name: { fi: 'Esimerkkikahvila', en: 'Example café' },
    provision: 'OPEN_NGO',
    form: 'OPEN_DROP_IN',
    chargeType: 'FREE',
  };
  // Whoever sends the same key and input again, after a broken connection perhaps, is answered the same draft.
  const input = { organization, content, idempotencyKey: randomUUID() };
  const begun = (await api.mutate(CreateServiceDocument, { input }, (result) => result.createService)).service!;
  say(`  ${begun.name.fi}: ${begun.publishing}, version ${begun.version}`);

  const publish = (expectedVersion: number) =>
    api.mutate(PublishServiceDocument, { input: { id: begun.id, expectedVersion } }, (result) => result.publishService);
  try {
    await publish(begun.version);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say('  not published yet:', ...error.reasons.map((reason) => `    ${reason.path.join('.')}: ${reason.message}`));
  }

  const complete: ServiceContentInput = {
    ...content,
    summary: { fi: 'Kahvia ja seuraa.', en: 'Coffee and company.' },
    openActivity: true,
    deliveryForms: ['ON_SITE'],
    languages: ['fi', 'en'],
  };
  const { service: mended } = await api.mutate(
    UpdateServiceDocument,
    { input: { id: begun.id, expectedVersion: begun.version, content: complete } },
    (result) => result.updateService,
  );

  // The stream begins where the catalogue stands when it is opened, so it is opened before the change.
  const changes = api.subscribe(CatalogueChangedDocument, { first: 1, kinds: ['SERVICE'] });
  const seen = changes.next();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { service: published } = await publish(mended!.version);
  say(`  ${published!.publishing}, version ${published!.version}`);
  const { value } = await seen;
  say(`  and everybody who watches is told: ${value.catalogueChanged.kind} ${value.catalogueChanged.happening}`);

  await plan(organization, begun.id);

  const { service: gone } = await api.mutate(
    WithdrawServiceDocument,
    { input: { id: begun.id, expectedVersion: published!.version } },
    (result) => result.withdrawService,
  );
  say(`  ${gone!.publishing}: the catalogue is as it was`);
}

async function plan(provider: string, service: string): Promise<void> {
  const { serviceOffering } = await api.mutate(
    CreateServiceOfferingDocument,
    { input: { service, provider, content: { capacity: 12 } } },
    (result) => result.createServiceOffering,
  );
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const inFourWeeks = new Date(Date.now() + 28 * 86_400_000).toISOString().slice(0, 10);
  const { serviceOffering: planned } = await api.mutate(
    ScheduleSessionsDocument,
    {
      input: {
        offering: serviceOffering!.id,
        rule: 'FREQ=WEEKLY;BYDAY=TU,TH',
        date: tomorrow,
        time: '10:00',
        until: inFourWeeks,
        minutes: 90,
        idempotencyKey: randomUUID(),
      },
    },
    (result) => result.scheduleSessions,
  );
  const [first] = planned!.sessions.edges;
  say(`  ${planned!.sessions.totalCount} sessions planned, the first on ${helsinki.format(new Date(first!.node.startsAt))}`);
}

await browse();
const found = await search('ryhmissä ja retkillä');
if (found) await details(found);
await coming();
const organization = await whoami();
if (organization) await edit(organization);
api.close();
