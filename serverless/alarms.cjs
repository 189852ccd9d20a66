// Few alarms, each about something that stands still or is in danger of being lost.

// Of the lanes' metrics nothing is sent while all is well: no data is no alarm.
const held = require('../shared/core/lane/held-limits.json')

const hourMs = 3_600_000
const daySeconds = 86_400

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage')
  const topics = await resolveVariable('param:alarmTopics')
  const deliverySeconds = await resolveVariable('param:deliverySeconds')

  const alarm = (name, properties) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `weir-${stage}-${name}`,
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 3,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: topics,
      OKActions: topics,
      ...properties,
    },
  })
  const ofFunction = (name, MetricName) => ({
    Namespace: 'AWS/Lambda',
    MetricName,
    Dimensions: [{ Name: 'FunctionName', Value: `weir-${stage}-${name}` }],
  })

  const behind = (name) =>
    alarm(`${name}-behind`, {
      AlarmDescription: `${name} is more than an hour behind its stream: docs/runbook.md, The iterator age grows`,
      ...ofFunction(name, 'IteratorAge'),
      Threshold: hourMs,
    })
  const failing = (name) =>
    alarm(`${name}-failing`, {
      AlarmDescription: `${name} fails again and again: read its log`,
      ...ofFunction(name, 'Errors'),
      Statistic: 'Sum',
      Threshold: 3,
    })
  const ofLanes = (name, MetricName, Threshold, AlarmDescription) =>
    alarm(name, {
      AlarmDescription,
      Namespace: `Weir/${stage}`,
      MetricName,
      Dimensions: [{ Name: 'service', Value: 'aggregate' }],
      Threshold,
    })
  const stale = (name) =>
    alarm(`delivery-${name}-stale`, {
      AlarmDescription: `Firehose holds rows of ${name} for too long: see the log of its deliveries`,
      Namespace: 'AWS/Firehose',
      MetricName: 'DeliveryToS3.DataFreshness',
      Dimensions: [{ Name: 'DeliveryStreamName', Value: `weir-${stage}-${name}` }],
      Threshold: 2 * deliverySeconds + 900,
    })

  return {
    Resources: {
      ArchiveBehindAlarm: behind('archive'),
      EnrichBehindAlarm: behind('enrich'),
      AggregateBehindAlarm: behind('aggregate'),
      CollectFailingAlarm: failing('collect'),
      TickFailingAlarm: failing('tick'),
      QueryFailingAlarm: failing('query'),
      AskFailingAlarm: failing('ask'),
      LaneFailingAlarm: ofLanes(
        'lane-failing',
        'LanesFailed',
        0,
        'A lane failed in each of three periods of five minutes: read the log of aggregate',
      ),
      LanePacksUnreadableAlarm: ofLanes(
        'lane-packs-unreadable',
        'UnreadablePacks',
        0,
        'Something else than enrich writes to the lane stream',
      ),
      LaneFloodedAlarm: ofLanes(
        'lane-flooded',
        'SeenIdBytes',
        held.SeenIdBytes,
        'A lane remembers more than 4 million event ids: one visitor floods it, or there are too few lanes',
      ),
      LaneSessionsFloodedAlarm: ofLanes(
        'lane-sessions-flooded',
        'OpenSessions',
        held.OpenSessions,
        'A lane holds more than half a million open sessions: an import under one name, a clock that stands, or too few lanes',
      ),
      LaneMarksMissingAlarm: ofLanes(
        'lane-marks-missing',
        'RecordsBeyondMarks',
        held.RecordsBeyondMarks,
        'No punctuation has reached a lane for long: does tick run, and is enrich behind?',
      ),
      // Nobody else notices when no function runs at all: the age of records is measured by who reads them.
      TickSilentAlarm: alarm('tick-silent', {
        AlarmDescription:
          'tick has not run for a quarter of an hour: clocks stand, and streams would not be extended',
        ...ofFunction('tick', 'Invocations'),
        Statistic: 'Sum',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        TreatMissingData: 'breaching',
      }),
      RetentionExtendedAlarm: alarm('retention-extended', {
        AlarmDescription:
          'Streams keep records for longer than is declared, which costs: docs/runbook.md, The streams keep records for longer',
        Namespace: `Weir/${stage}`,
        MetricName: 'RetentionExtended',
        Dimensions: [{ Name: 'service', Value: 'tick' }],
        EvaluationPeriods: 1,
        Threshold: 0,
      }),
      CompactFailingAlarm: alarm('compact-failing', {
        AlarmDescription: 'compact failed three times in a day: read its log',
        ...ofFunction('compact', 'Errors'),
        Statistic: 'Sum',
        Period: daySeconds,
        EvaluationPeriods: 1,
        Threshold: 2,
      }),
      CompactionBehindAlarm: alarm('compaction-behind', {
        AlarmDescription:
          'Every run of two days has left closed days uncompacted: the log of compact says why',
        Namespace: `Weir/${stage}`,
        MetricName: 'CompactionBehind',
        Dimensions: [{ Name: 'service', Value: 'compact' }],
        Statistic: 'Minimum',
        Period: daySeconds,
        EvaluationPeriods: 2,
        Threshold: 0,
      }),
      LakeMissingAlarm: alarm('lake-missing', {
        AlarmDescription:
          'A day was closed without rows that were counted: docs/runbook.md, The daily tables are behind',
        Namespace: `Weir/${stage}`,
        MetricName: 'LakeMissing',
        Dimensions: [{ Name: 'service', Value: 'compact' }],
        Period: daySeconds,
        EvaluationPeriods: 1,
        Threshold: 0,
      }),
      ScheduleFailingAlarm: failing('schedule'),
      ReportDeadAlarm: alarm('report-dead', {
        AlarmDescription:
          'A run of a report failed three times and was laid aside: the table reports says why',
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: `weir-${stage}-dead-reports` }],
        EvaluationPeriods: 1,
        Threshold: 0,
      }),
      RawDeliveryStaleAlarm: stale('raw'),
      EventsDeliveryStaleAlarm: stale('events'),
      SessionsDeliveryStaleAlarm: stale('sessions'),
      BadDeliveryStaleAlarm: stale('bad'),
    },
  }
}
