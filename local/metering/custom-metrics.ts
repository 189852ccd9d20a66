import { isRecord } from './item-bytes.ts'

const mark = '"CloudWatchMetrics"'

/**
 * The metrics that lines of a log make in CloudWatch, each by name with the values of its dimensions: AWS bills every
 * such combination. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function customMetrics(text: string): string[] {
  if (!text.includes(mark)) return []
  return text.split('\n').flatMap((line) => (line.includes(mark) ? metricsOf(parsed(line)) : []))
}

function metricsOf(line: unknown): string[] {
  if (!isRecord(line) || !isRecord(line._aws)) return []
  return listOf(line._aws.CloudWatchMetrics).flatMap((directive) => {
    if (!isRecord(directive)) return []
    const sets = listOf(directive.Dimensions).map((names) =>
      listOf(names).map((name) => `${String(name)}=${String(line[String(name)])}`),
    )
    const names = listOf(directive.Metrics).map((metric) => (isRecord(metric) ? String(metric.Name) : ''))
    return names.flatMap((name) => sets.map((set) => [name, ...set].join(' ')))
  })
}

/** A line cut in two by the pipe is no JSON; the next of its kind is. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
