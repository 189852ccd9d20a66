/** A deliberately wrong variant of the code: one edit of one file, made while the file is loaded. */
export type Mutant = {
  readonly name: string
  /** The invariant that it breaks (docs/architecture.md). */
  readonly breaks: string
  /** Below the project's folder. */
  readonly file: string
  /** Stands exactly once in the file: a mutant that no longer applies is an error. */
  readonly find: string
  readonly replace: string
}

const lane = 'shared/core/lane'

export const mutants: readonly Mutant[] = [
  {
    name: 'commit without If-Match',
    breaks: 'I2',
    file: `${lane}/commit.ts`,
    find: 'const put = await objects.compareAndSet(manifestKey(state.lane), manifest, loaded.etag)',
    replace:
      "const key = manifestKey(state.lane)\n  const there = await objects.get(key)\n  const put = await objects.compareAndSet(key, manifest, typeof there === 'string' ? null : there.etag)",
  },
  {
    name: 'publish before commit',
    breaks: 'I2',
    file: `${lane}/commit.ts`,
    find: '  const committed = await commit(loaded,',
    replace:
      '  await publish({ ...loaded, isPublished: false, state: Object.assign(Object.create(Object.getPrototypeOf(state)), { lane: state.lane, lanes: state.lanes, version: state.version + 1, clock: state.clock, counters: state.counters, flush: state.flush, sessions: state.sessions, outbox: [...folded.fold.changes.panes.keys()], latest: [] }) }, context, { at: 0, every: publishAtOnce })\n  const committed = await commit(loaded,',
  },
  {
    name: 'skip a batch instead of records',
    breaks: 'I2',
    file: `${lane}/commit.ts`,
    find: '  for (const input of batch.inputs) {\n',
    replace:
      '  const first = batch.inputs[0]?.sequenceNumber\n  const skips = applied !== undefined && first !== undefined && compareSequenceNumbers(first, applied) <= 0\n  for (const input of skips ? [] : batch.inputs) {\n',
  },
  {
    name: 'fence compared as Number',
    breaks: 'I2',
    file: `${lane}/sequence-number.ts`,
    find: 'if (a.length === b.length) return a < b ? -1 : a > b ? 1 : 0',
    replace: 'if (a.length === b.length) return Number(a) - Number(b)',
  },
  {
    name: 'panes published unconditionally',
    breaks: 'I2',
    file: 'shared/core/metric/put-condition.ts',
    find: "const isOlder = '#version < :version'",
    replace: "const isOlder = '(#version < :version OR #version >= :version)'",
  },
  {
    name: 'seen ids evicted by count',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: '    this.#state.ids.add(key, minute)\n',
    replace:
      '    this.#state.ids.add(key, minute)\n    if (this.#state.ids.count() > 8) this.#state.ids.forgetBefore(minute + 1)\n',
  },
  {
    name: 'acknowledged before the commit',
    breaks: 'I5',
    file: `${lane}/commit.ts`,
    find: '  const committed = await commit(loaded, { changes, last: folded.last, laneShard: batch.laneShard }, context)\n',
    replace:
      "  const later = commit(loaded, { changes, last: folded.last, laneShard: batch.laneShard }, context)\n  later.then((done) => done === 'conflict' || publish(done, context, { at: 0, every: publishAtOnce })).catch(() => {})\n  if (later !== undefined) return result\n  const committed = await later\n",
  },
  {
    name: 'the wall clock in the fold',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: '    const clock = state.progress.clock()\n',
    replace: '    const clock = state.progress.clock() === undefined ? undefined : laneArrival\n',
  },
  {
    name: 'a late event dropped',
    breaks: 'I4',
    file: `${lane}/fold.ts`,
    find: '    const held = this.#openPane(partial, grain, series)\n',
    replace:
      '    const window = { grain, windowStart: windowStart(partial.time, grain) }\n    if (leavesAfter(window as never, 0, this.#settings.latenessMs) < (this.#state.clock ?? 0)) return\n    const held = this.#openPane(partial, grain, series)\n',
  },
  {
    name: 'refused Firehose records forgotten',
    breaks: 'I1',
    file: 'shared/core/lake/resend.ts',
    find: '    if (waiting.length === 0) return\n',
    replace: "    if (waiting.length === 0 || service.name !== 'lanes') return\n",
  },
  {
    name: 'memory of rows used again before they are sent',
    breaks: 'I1',
    file: `${lane}/commit.ts`,
    find: '  await lake.send(fold.rows)\n  fold.releaseRows()\n',
    replace: '  fold.releaseRows()\n  await lake.send(fold.rows)\n',
  },
  {
    name: 'one fence for all shards',
    breaks: 'I2',
    file: `${lane}/commit.ts`,
    find: 'const applied = state.applied.get(batch.laneShard)',
    replace: 'const applied = [...state.applied.values()].sort(compareSequenceNumbers).at(-1)',
  },
  {
    name: 'a tick that goes straight to the lanes',
    breaks: 'I3',
    file: 'test/simulation/world.ts',
    find: '      this.raw.put(record, this.nowMs)\n      this.#overheard.push({ ...record, atMs: this.nowMs })\n',
    replace: '      this.tickPastEnrich(record)\n',
  },
  {
    name: 'a mark acted on at once',
    breaks: 'I1',
    file: `${lane}/progress.ts`,
    find: '    if (known.pending === null) {\n',
    replace:
      '    if (known.pending === null) {\n      this.#shards.set(mark.shard, { ...known, through: mark.through, arrival: mark.arrival })\n      this.#forgetSeen(mark.shard)\n      this.#closeAncestors(parents)\n      if (mark.shard !== "") return true\n',
  },
  {
    name: 'a mark acted on at the next one, however soon',
    breaks: 'I1',
    file: `${lane}/progress.ts`,
    find: 'if (laneArrival < known.pending.laneArrival + settleMs) return false',
    replace: 'if (laneArrival < known.pending.laneArrival) return false',
  },
  {
    name: 'a generation number reused after eviction',
    breaks: 'I4',
    file: `${lane}/lane-pane.ts`,
    find: 'let generation = of.version * generationsPerVersion',
    replace: 'let generation = 0',
  },
  {
    name: 'the outbox of a loaded manifest dropped',
    breaks: 'I2',
    file: `${lane}/lane-store.ts`,
    find: 'scratch: new Scratch(), isPublished: false }',
    replace: 'scratch: new Scratch(), isPublished: true }',
  },
  {
    name: 'latest values written unconditionally',
    breaks: 'I3',
    file: 'shared/core/metric/put-condition.ts',
    find: "const isOlderInOrder = '#order < :order'",
    replace: "const isOlderInOrder = '(#order < :order OR #order >= :order)'",
  },
  {
    name: 'latest values of a loaded lane dropped',
    breaks: 'I5',
    file: `${lane}/state.ts`,
    find: 'if (manifest.segments.at(-1)?.to === manifest.version)',
    replace: 'if (manifest.version < 0)',
  },
  {
    name: 'a cached manifest not revalidated',
    breaks: 'I1',
    file: `${lane}/lane-store.ts`,
    find: '  for (;;) {\n    const found =',
    replace: '  for (;;) {\n    if (cached !== undefined) return cached\n    const found =',
  },
  {
    name: 'counted in enrich instead of in the lane',
    breaks: 'I1',
    file: `${lane}/fold.ts`,
    find: '      if (!this.#isFirstDelivery(event.origin, event.receivedAt)) continue\n',
    replace:
      "      if (!this.#isFirstDelivery(event.origin, event.receivedAt)) {\n        if (event.verdict === 'accepted') this.#count(event.receivedAt, ['accepted', ''])\n        continue\n      }\n",
  },
  {
    name: 'redeliveries taken for duplicates',
    breaks: 'I1',
    file: `${lane}/fold.ts`,
    find: '      if (!this.#isFirstDelivery(event.origin, event.receivedAt)) continue\n',
    replace: '      this.#isFirstDelivery(event.origin, event.receivedAt)\n',
  },
  {
    name: 'refused packs forgotten',
    breaks: 'I1',
    file: 'shared/core/lake/resend.ts',
    find: '    if (waiting.length === 0) return\n',
    replace: "    if (waiting.length === 0 || service.name === 'lanes') return\n",
  },
  {
    name: 'segment written after the manifest that names it',
    breaks: 'I5',
    file: `${lane}/commit.ts`,
    find: '  if (added !== undefined && !added.ref.isInline) await objects.put(added.ref.key, added.bytes)\n',
    replace:
      '  if (added !== undefined && !added.ref.isInline) void objects.put(added.ref.key, added.bytes).catch(() => {})\n',
  },
  {
    name: 'panes not carried when their segment is dropped',
    breaks: 'I2',
    file: `${lane}/lane-store.ts`,
    find: '    if (held.wholeAt > droppedTo) continue\n',
    replace: '    if (held.wholeAt >= 0) continue\n',
  },
  {
    name: 'control records not verified',
    breaks: 'I1',
    file: 'shared/core/event/enrich-batch.ts',
    find: 'return verified.ok ? verified.control : undefined',
    replace: 'return item.value as unknown as Punctuation',
  },
  {
    name: 'a parent not closed when its children speak',
    breaks: 'I3',
    file: `${lane}/progress.ts`,
    find: 'this.#shards.set(parent, { ...known, closed: true, pending: null, closedAt })',
    replace: 'this.#shards.set(parent, { ...known, pending: null })',
  },
  {
    name: 'what is put aside not waited for',
    breaks: 'I5',
    file: 'shared/core/event/enrich-batch.ts',
    find: '    await this.#putSpilled()\n',
    replace: '    this.#putSpilled().catch(() => {})\n',
  },
  {
    name: 'a mark sent before the packs of its batch',
    breaks: 'I1',
    file: 'shared/core/event/enrich-batch.ts',
    find: '  await shipment.send()\n  // After',
    replace:
      '  if (mark !== undefined) await shipment.toEveryLane(mark)\n  await shipment.send()\n  if (mark !== undefined) mark = undefined\n  // After',
  },
  {
    name: 'only the first control key verifies',
    breaks: 'I1',
    file: 'shared/core/event/control.ts',
    find: 'by.keys.some(',
    replace: 'by.keys.slice(0, 1).some(',
  },
  {
    name: 'a conflict taken for a commit',
    breaks: 'I5',
    file: `${lane}/commit.ts`,
    find: "  if (put === 'conflict') return 'conflict'\n",
    replace: "  if (put === 'conflict') return { ...loaded, isPublished: false }\n",
  },
  {
    name: 'the sweep takes what a racing attempt wrote',
    breaks: 'I5',
    file: `${lane}/lane-store.ts`,
    find: ' && versionOfSegmentKey(key) <= state.version)',
    replace: ')',
  },
  {
    name: 'orphans never swept',
    breaks: 'growth',
    file: `${lane}/commit.ts`,
    find: 'state.version % settings.sweepEvery === 0 ?',
    replace: 'state.version % settings.sweepEvery === -1 ?',
  },
  {
    name: 'rows that depend on the attempt',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: '{ ...single, id: sessionId(event.origin) }',
    replace: '{ ...single, id: sessionId(event.origin) + String(this.#version) }',
  },
  {
    name: 'settings of the code that folds, not of the pack',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: 'this.#settings = pack.settings ?? this.#ownSettings',
    replace: 'this.#settings = this.#ownSettings',
  },
  {
    name: 'a segment dies before its ids',
    breaks: 'I2',
    file: `${lane}/lane-store.ts`,
    find: '({ liveUntil, lastMinute }) => liveUntil >= clock || lastMinute >= state.firstMinute',
    replace: '({ liveUntil }) => liveUntil >= clock',
  },
  {
    name: 'ids kept by the horizon of the code that folds',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: 'arrivalMinute(clock - this.#settings.horizonMs)',
    replace: 'arrivalMinute(clock - this.#ownSettings.horizonMs)',
  },
  {
    name: 'the first minute remembered goes back',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: 'Math.max(state.firstMinute, arrivalMinute(clock - this.#settings.horizonMs))',
    replace: 'arrivalMinute(clock - this.#settings.horizonMs)',
  },
  {
    name: 'ids forgotten a minute early',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: 'arrivalMinute(clock - this.#settings.horizonMs)',
    replace: 'arrivalMinute(clock - this.#settings.horizonMs) + 1',
  },
  {
    name: 'the horizon ends before its last minute',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: '- seen) * 60_000 <= this.#settings.horizonMs',
    replace: '- seen) * 60_000 < this.#settings.horizonMs',
  },
  {
    name: 'an event key without the visitor',
    breaks: 'I2',
    file: 'shared/core/event/event-key.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of the code that is edited
    find: '`${visitor.length} ${visitor} ${eventId}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of the code that is edited
    replace: '`${visitor.slice(0, 0)} ${eventId}`',
  },
  {
    name: 'ids never forgotten in memory',
    breaks: 'growth',
    file: `${lane}/fold.ts`,
    find: '    state.ids.forgetBefore(state.firstMinute)\n',
    replace: '',
  },
  {
    name: 'the first minute remembered never moves',
    breaks: 'growth',
    file: `${lane}/fold.ts`,
    find: 'Math.max(state.firstMinute, arrivalMinute(clock - this.#settings.horizonMs))',
    replace: 'Math.max(state.firstMinute, 0)',
  },
  {
    name: 'what was inline is forgotten when it becomes an object',
    breaks: 'I2',
    file: `${lane}/lane-store.ts`,
    find: 'mergeDeltas([...older, delta], state.liveness())',
    replace: 'mergeDeltas([...older.slice(0, run.length), delta], state.liveness())',
  },
  {
    name: 'segments never merged',
    breaks: 'growth',
    file: `${lane}/lane-store.ts`,
    find: '[] : mergeRun(keptObjects)',
    replace: '[] : mergeRun(keptObjects).slice(0, 0)',
  },
  {
    name: 'panes above the limit never leave',
    breaks: 'growth',
    file: `${lane}/fold.ts`,
    find: '    if (state.panes.size > settings.maxPanes)\n',
    replace: '    if (state.panes.size > settings.maxPanes && state.version < 0)\n',
  },
  {
    name: 'what is deferred leaves the outbox',
    breaks: 'I2',
    file: `${lane}/commit.ts`,
    find: '[...new Set([...state.deferred, ...changes.panes.keys()])]',
    replace: '[...changes.panes.keys()]',
  },
  {
    name: 'what is not due counts as published',
    breaks: 'I2',
    file: `${lane}/commit.ts`,
    find: '  state.deferred = new Set(state.outbox.filter((held) => !published.has(held)))\n',
    replace: '  state.deferred = new Set(state.outbox.filter((held) => !published.has(held)).slice(0, 0))\n',
  },
  {
    name: 'a window said to be complete while its panes wait',
    breaks: 'I2',
    file: `${lane}/publishing.ts`,
    find: '      isSaidComplete(held, publication),\n',
    replace: '      false,\n',
  },
  {
    name: 'panes of events wait until their sessions would have closed',
    breaks: 'I2',
    file: `${lane}/publishing.ts`,
    find: '  const latenessMs = settings.latenessMs + (ofSessions ? settings.gapMs : 0)\n',
    replace: '  const latenessMs = settings.latenessMs + 2 * settings.gapMs\n',
  },
  {
    name: 'a deferred pane leaves before it is published',
    breaks: 'I2',
    file: `${lane}/state.ts`,
    find: ' && !this.deferred.has(held)',
    replace: '',
  },
  {
    name: 'an unreadable pack stops its shard',
    breaks: 'I6',
    file: `${lane}/aggregate.ts`,
    find: '    unreadable.add(record)\n    return undefined\n',
    replace: '    throw error\n',
  },
  {
    name: 'every session flagged late',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: 'const late = clock !== undefined && event.eventTime + latenessMs < clock',
    replace: 'const late = event.eventTime + latenessMs < (clock ?? 0) || event.eventTime > 0',
  },
  {
    name: 'no session flagged late',
    breaks: 'I2',
    file: `${lane}/fold.ts`,
    find: 'const late = clock !== undefined && event.eventTime + latenessMs < clock',
    replace: 'const late = clock !== undefined && event.eventTime + latenessMs < 0',
  },
  {
    name: 'an open session that no reader is told of',
    breaks: 'I2',
    file: `${lane}/commit.ts`,
    find: 'const earliestOpenStart = state.sessions.earliestStart()',
    replace: 'const earliestOpenStart = state.sessions.size > 3 ? state.sessions.earliestStart() : undefined',
  },
]
