// A station of another code base, for tests: `ocpp-rpc` with strict schemas both ways. Tells what happens in lines of
// JSON on stdout. The password and then commands come in lines on stdin: `work` says all that a visit says, `end` leaves.
//
//   node client.mjs ENDPOINT IDENTITY SUBPROTOCOL

import { createInterface } from 'node:readline';
import ocpp from 'ocpp-rpc';

const [endpoint, identity, protocol] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;

const tell = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
const now = () => new Date().toISOString();

const ocpp16 = {
  boot: ['BootNotification', { chargePointVendor: 'ocpp-rpc', chargePointModel: 'Independent' }],
  async work(say) {
    await say('Heartbeat', {});
    for (const connectorId of [0, 1, 2]) {
      await say('StatusNotification', { connectorId, status: 'Available', errorCode: 'NoError', timestamp: now() });
    }
    await say('Authorize', { idTag: 'TESTCARD' });
    const start = { connectorId: 2, idTag: 'TESTCARD', meterStart: 100, timestamp: now() };
    const { transactionId } = await say('StartTransaction', start);
    const meterValue = [{ timestamp: now(), sampledValue: [{ value: '350' }] }];
    await say('MeterValues', { connectorId: 2, transactionId, meterValue });
    await say('StopTransaction', { transactionId, meterStop: 400, timestamp: now(), reason: 'Local' });
    await say('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' });
    await say('DataTransfer', { vendorId: 'nobody' });
    await say('FirmwareStatusNotification', { status: 'Idle' });
    await say('DiagnosticsStatusNotification', { status: 'Idle' });
  },
  answers: {
    Reset: () => ({ status: 'Accepted' }),
    TriggerMessage: () => ({ status: 'Accepted' }),
    GetConfiguration: ({ key }) => ({
      configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
      unknownKey: (key ?? []).filter((each) => each !== 'HeartbeatInterval'),
    }),
    ChangeConfiguration: () => ({ status: 'RebootRequired' }),
    UnlockConnector: () => ({ status: 'Unlocked' }),
    RemoteStartTransaction: () => ({ status: 'Accepted' }),
    RemoteStopTransaction: () => ({ status: 'Rejected' }),
  },
};

const energy = (value) => [{ timestamp: now(), sampledValue: [{ value }] }];
const session = (eventType, seqNo, triggerReason, more = {}) => {
  const { transactionInfo, ...rest } = more;
  return [
    'TransactionEvent',
    {
      eventType,
      seqNo,
      triggerReason,
      timestamp: now(),
      transactionInfo: { transactionId: 'independent-1', ...transactionInfo },
      ...rest,
    },
  ];
};

const ocpp201 = {
  boot: [
    'BootNotification',
    { reason: 'PowerUp', chargingStation: { vendorName: 'ocpp-rpc', model: 'Independent' } },
  ],
  async work(say) {
    const idToken = { idToken: 'TESTCARD', type: 'Central' };
    await say('Heartbeat', {});
    for (const evseId of [1, 2]) {
      await say('StatusNotification', { timestamp: now(), connectorStatus: 'Available', evseId, connectorId: 1 });
    }
    await say('Authorize', { idToken });
    const evse = { id: 2, connectorId: 1 };
    await say(...session('Started', 0, 'Authorized', { evse, idToken, meterValue: energy(100) }));
    const flows = { transactionInfo: { chargingState: 'Charging' }, meterValue: energy(350) };
    await say(...session('Updated', 1, 'MeterValuePeriodic', flows));
    await say(...session('Ended', 2, 'StopAuthorized', { meterValue: energy(400) }));
    await say('StatusNotification', { timestamp: now(), connectorStatus: 'Occupied', evseId: 1, connectorId: 1 });
    await say('MeterValues', { evseId: 1, meterValue: energy(1) });
    await say('SecurityEventNotification', { type: 'SettingSystemTime', timestamp: now() });
    await say('FirmwareStatusNotification', { status: 'Idle' });
    await say('DataTransfer', { vendorId: 'nobody', data: [1, 'two'] });
    await say('NotifyEvent', {
      generatedAt: now(),
      seqNo: 0,
      eventData: [
        {
          eventId: 1,
          timestamp: now(),
          trigger: 'Delta',
          actualValue: 'true',
          component: { name: 'EVSE', evse: { id: 1 } },
          variable: { name: 'Available' },
          eventNotificationType: 'HardWiredNotification',
        },
      ],
    });
  },
  answers: {
    Reset: () => ({ status: 'Accepted' }),
    TriggerMessage: () => ({ status: 'Accepted' }),
    GetVariables: ({ getVariableData }) => ({
      getVariableResult: getVariableData.map(({ component, variable }) => {
        const known = variable.name === 'HeartbeatInterval';
        const said = known ? { attributeValue: '300' } : {};
        return { attributeStatus: known ? 'Accepted' : 'UnknownVariable', component, variable, ...said };
      }),
    }),
    SetVariables: ({ setVariableData }) => ({
      setVariableResult: setVariableData.map(({ component, variable }) => ({
        attributeStatus: 'RebootRequired',
        component,
        variable,
      })),
    }),
    GetBaseReport: () => ({ status: 'EmptyResultSet' }),
    UnlockConnector: () => ({ status: 'Unlocked' }),
    RequestStartTransaction: () => ({ status: 'Accepted' }),
    RequestStopTransaction: () => ({ status: 'Rejected' }),
  },
};

const version = { 'ocpp1.6': ocpp16, 'ocpp2.0.1': ocpp201 }[protocol];

const client = new ocpp.RPCClient({
  endpoint,
  identity,
  password: await next(),
  protocols: [protocol],
  strictMode: true,
  reconnect: true,
  backoff: { initialDelay: 50, maxDelay: 500 },
});
client.on('open', () => tell('open', { protocol: client.protocol }));
client.on('disconnect', ({ code }) => tell('disconnect', { code }));
client.on('strictValidationFailure', ({ method, outbound, error }) =>
  tell('invalid', { method, outbound, why: error?.message }),
);
client.on('badMessage', ({ error }) => tell('bad', { why: error?.message }));

for (const [method, answer] of Object.entries(version.answers)) {
  client.handle(method, ({ params }) => {
    tell('asked', { method, params });
    return answer(params);
  });
}

const say = async (method, params) => {
  const answer = await client.call(method, params);
  tell('answered', { method, answer });
  return answer;
};

try {
  await client.connect();
  await say(...version.boot);
  for (let word = await next(); word !== undefined && word !== 'end'; word = await next()) {
    if (word === 'work') {
      await version.work(say);
      tell('worked');
    }
  }
} catch (error) {
  tell('failed', { why: error.message, code: error.code ?? error.response?.statusCode });
}
await client.close();
tell('closed');
process.exit(0);
