// An SMSC on the npm package "smpp", which shares no code with the connector's library. It knows the
// sandbox's special numbers. It prints its port in one line; a line of JSON on standard input,
// {"from", "to", "text"}, makes a person write. It ends with its standard input.
'use strict';
const readline = require('readline');
const smpp = require('smpp');

const sessions = new Set();
let nextId = 1000;

function receipt(session, pdu, id, failed) {
  const stat = failed ? 'UNDELIV' : 'DELIVRD';
  session.deliver_sm({
    source_addr_ton: 1,
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:00${failed ? 0 : 1} submit date:2611241200 done date:2611241200 stat:${stat} err:000 text:`,
  });
}

const server = smpp.createServer((session) => {
  sessions.add(session);
  const forget = () => sessions.delete(session);
  session.on('close', forget);
  session.on('error', forget);
  session.on('bind_transceiver', (pdu) => session.send(pdu.response({ system_id: 'node' })));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on('submit_sm', (pdu) => {
    const special = pdu.destination_addr.startsWith('999') ? pdu.destination_addr.slice(-1) : '0';
    if (special === '1') return session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    if (special === '4') return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    if (special === '3') return session.socket.destroy();
    if (special === '6') return undefined;
    const id = String(nextId++);
    const wanted = (pdu.registered_delivery & 3) === 1;
    if (special === '8' && wanted) receipt(session, pdu, id, false); // overtakes the response
    session.send(pdu.response({ message_id: id }));
    if (special !== '8' && wanted) receipt(session, pdu, id, special === '5');
    return undefined;
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = (server._server || server).address();
  console.log(`listening on ${address.port}`);
});

readline
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { from, to, text } = JSON.parse(line);
    const [session] = sessions;
    session.deliver_sm({
      source_addr_ton: 1,
      source_addr: from.slice(1),
      destination_addr: to,
      data_coding: 0,
      short_message: text,
    });
  })
  .on('close', () => process.exit(0));
