// The real handler in a process of its own, for tests that kill it: at the given time of day, prints what it answers.
const [now = ''] = process.argv.slice(2)
const ahead = Number(now) - Date.now()
const clock = Date.now.bind(Date)
Date.now = () => clock() + ahead

const { handler } = await import('../../../functions/compact/handler.ts')
const context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'weir-local-compact',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:weir-local-compact',
  memoryLimitInMB: '512',
  awsRequestId: 'request',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: () => 900_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
}
process.stdout.write(JSON.stringify(await handler({}, context)))
