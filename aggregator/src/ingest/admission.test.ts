import { expect, test } from 'vitest';
import { Admission } from './admission.ts';

const guest = (address: string, name = '') => ({ address, name });
const bounds = { most: 6, mostOfAddress: 4, mostBegun: 100, mostFresh: 100 };
const many = (address: string, count: number) =>
  Array.from({ length: count }, (_, index) => guest(address, `${address}${index}`));

/** An admission to which these have come. */
function having(guests: readonly ReturnType<typeof guest>[], its = bounds) {
  const admission = new Admission<ReturnType<typeof guest>>(its);
  for (const each of guests) expect(admission.come(each)).toBeUndefined();
  return admission;
}

test('Admission begins handshakes one address after the other, whoever came first', () => {
  const admission = having([...many('flood', 4), guest('b', 'b'), guest('c', 'c')]);
  const order = Array.from({ length: 7 }, () => admission.next()?.name);
  expect(order).toEqual(['flood0', 'b', 'c', 'flood1', 'flood2', 'flood3', undefined]);
});

test('Admission begins no more handshakes than may be under way, and the next when one leaves or is known', () => {
  const [a, b, c, d] = [guest('a'), guest('b'), guest('c'), guest('d')];
  const admission = having([a, b, c, d], { ...bounds, mostBegun: 2 });
  expect([admission.next(), admission.next(), admission.next()]).toEqual([a, b, undefined]);
  admission.know(a);
  expect([admission.next(), admission.next()]).toEqual([c, undefined]);
  admission.leave(c);
  expect(admission.next()).toBe(d);
});

test('Admission refuses one more stranger of an address, and others go on coming', () => {
  const admission = having(many('flood', 4));
  const more = guest('flood');
  expect(admission.come(more)).toEqual({ who: more, why: 'too many connections from one address' });
  expect(admission.come(guest('b'))).toBeUndefined();
});

test('Admission does not count known agents for their address: they may share it', () => {
  const agents = many('nat', 4);
  const admission = having(agents);
  for (const agent of agents) {
    expect(admission.next()).toBe(agent);
    admission.know(agent);
  }
  expect(admission.come(guest('nat'))).toBeUndefined();
  for (const agent of agents) admission.forget(agent);
  const more = guest('nat');
  expect(admission.come(more)).toMatchObject({ who: more });
});

test('Admission that is full lets the newest stranger of the address with the most of them give way', () => {
  const flood = many('flood', 4);
  const admission = having([...flood, guest('b'), guest('c')]);
  const agent = guest('d');
  expect(admission.come(agent)).toEqual({ who: flood[3], why: 'too many connections' });
  expect(admission.size).toBe(6);
  const last = guest('flood');
  expect(admission.come(last)).toEqual({ who: last, why: 'too many connections' });
});

test('Admission that is full of agents refuses whoever comes, and takes him when one has left', () => {
  const agents = ['a', 'b', 'c', 'd', 'e', 'f'].map((address) => guest(address));
  const admission = having(agents);
  for (const agent of agents) {
    expect(admission.next()).toBe(agent);
    admission.know(agent);
  }
  const late = guest('g');
  expect(admission.come(late)).toEqual({ who: late, why: 'too many connections' });
  admission.leave(agents[0] ?? late);
  expect(admission.come(late)).toBeUndefined();
  expect(admission.next()).toBe(late);
});

test('Admission keeps nothing of those who have left', () => {
  const guests = many('a', 3);
  const admission = having(guests);
  admission.next();
  for (const each of guests) admission.leave(each);
  // Of one that was closed its last stream may be told only afterwards.
  admission.forget(guests[0] ?? guest('a'));
  expect(admission.size).toBe(0);
  expect(admission.next()).toBeUndefined();
  for (const each of many('a', 4)) expect(admission.come(each)).toBeUndefined();
});

test('Admission begins no more at once than come to an end quickly, and goes on where one has had its moment', () => {
  const [a, b, c, d, e] = [guest('a'), guest('b'), guest('c'), guest('d'), guest('e')];
  const admission = having([a, b, c, d, e], { ...bounds, mostFresh: 2 });
  expect([admission.next(), admission.next(), admission.next()]).toEqual([a, b, undefined]);
  admission.age(a);
  expect([admission.next(), admission.next()]).toEqual([c, undefined]);
  admission.know(b);
  expect([admission.next(), admission.next()]).toEqual([d, undefined]);
  admission.leave(c);
  expect(admission.next()).toBe(e);
});
