package org.parley.agents.sms;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jsmpp.InvalidResponseException;
import org.jsmpp.PDUStringException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.AlertNotification;
import org.jsmpp.bean.Command;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.EnquireLink;
import org.jsmpp.bean.SubmitSmResp;
import org.jsmpp.extra.PendingResponse;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.extra.SessionState;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.MessageReceiverListener;
import org.jsmpp.session.SMPPSession;
import org.jsmpp.session.Session;
import org.parley.core.spi.AwakeClock;

/**
 * One bind. The library submits with a thread for each open request; this submits from one thread
 * and is told of the answers, and it answers deliver_sm when what came is durable, on the same
 * thread. A submit without an answer is reported lost when its time is over or the connection ends.
 */
final class SmppSession extends SMPPSession {
  /** One deliver_sm: answers with the command_status for it. */
  interface Inlet extends Function<DeliverSm, CompletionStage<Integer>> {}

  private final LateAnswers sender;
  private final OddThings odd;
  private final AwakeClock awake = new AwakeClock(System::nanoTime);
  private final long responseNanos;
  private final Map<Integer, Pending> pending = new ConcurrentHashMap<>();
  private volatile long writingSinceNanos;

  SmppSession(SmppSettings settings, OddThings odd, Inlet inlet, LateAnswers sender) {
    super(sender, new StrictReader(settings.maxPduOctets(), odd), new SmppSockets(settings));
    this.sender = sender;
    this.odd = odd;
    this.responseNanos = settings.responseTimeout().toNanos();
    setEnquireLinkTimer((int) settings.enquireEvery().toMillis());
    setTransactionTimer(settings.responseTimeout().toMillis());
    // One thread keeps the order of what comes; nothing it does blocks.
    setPduProcessorDegree(1);
    setQueueCapacity(Math.max(1000, 2 * settings.window()));
    setMessageReceiverListener(new Listener(inlet));
    addSessionStateListener((now, before, source) -> changed(now));
  }

  boolean isBound() {
    return getSessionState().isBound();
  }

  int openSubmits() {
    return pending.size();
  }

  /** Writes a submit_sm; its answer, or the lack of one, is told to the sending. */
  void submit(Sending sending) {
    int sequence = sequence().nextValue();
    Pending answer = new Pending(sending, sequence);
    pending.put(sequence, answer);
    if (!isBound()) {
      if (answer.end()) sending.unwritten();
      return;
    }
    writingSinceNanos = awake.getAsLong();
    try {
      sending.write(sender, connection().getOutputStream(), sequence);
    } catch (IOException e) {
      // The last octet did not leave, and half a PDU is no message.
      if (answer.end()) sending.unwritten();
      close();
    } catch (PDUStringException e) {
      if (answer.end()) sending.unsendable();
    } finally {
      writingSinceNanos = 0;
    }
    if (!isBound()) answer.lost("connectionLost");
  }

  /** Gives up what waited too long for its answer, and a connection that takes no octets. */
  void sweep() {
    long nowNanos = awake.getAsLong();
    for (Pending answer : pending.values()) {
      if (nowNanos - answer.sinceNanos > responseNanos) answer.lost("timeout");
    }
    long since = writingSinceNanos;
    if (since != 0 && nowNanos - since > responseNanos) close();
  }

  @Override
  protected PendingResponse<Command> removePendingResponse(int sequenceNumber) {
    Pending answer = pending.get(sequenceNumber);
    if (answer != null) return answer;
    PendingResponse<Command> own = super.removePendingResponse(sequenceNumber);
    if (own == null) odd.saw("unknownSequence", "an answer to no request");
    return own;
  }

  private void changed(SessionState now) {
    if (now != SessionState.CLOSED) return;
    for (Pending answer : pending.values()) answer.lost("connectionLost");
  }

  /** A submit_sm without an answer. */
  private final class Pending extends PendingResponse<Command> {
    private final Sending sending;
    private final int sequence;
    private final long sinceNanos = awake.getAsLong();
    private final AtomicBoolean ended = new AtomicBoolean();

    Pending(Sending sending, int sequence) {
      super(0);
      this.sending = sending;
      this.sequence = sequence;
    }

    @Override
    public void done(Command response) {
      if (!end()) return;
      if (response instanceof SubmitSmResp answer) {
        sending.answered(answer.getCommandStatus(), answer.getMessageId());
      } else {
        odd.saw("wrongAnswer", "an answer of another kind than the request");
        sending.lost("protocolError");
      }
    }

    /** A generic_nack: the carrier did not understand the request, so it took nothing. */
    @Override
    public void doneWithInvalidResponse(InvalidResponseException e) {
      odd.saw("nack", "a generic_nack to a submit");
      if (end()) sending.nacked();
    }

    void lost(String reason) {
      if (end()) sending.lost(reason);
    }

    boolean end() {
      pending.remove(sequence, this);
      return ended.compareAndSet(false, true);
    }
  }

  /** What a carrier asks of us. */
  private final class Listener implements MessageReceiverListener {
    private final Inlet inlet;

    Listener(Inlet inlet) {
      this.inlet = inlet;
    }

    @Override
    public void onAcceptDeliverSm(DeliverSm pdu) {
      sender.later(pdu.getSequenceNumber(), inlet.apply(pdu));
    }

    @Override
    public void onAcceptAlertNotification(AlertNotification pdu) {
      odd.saw("alert", "an alert_notification, which means nothing here");
    }

    @Override
    public DataSmResult onAcceptDataSm(DataSm pdu, Session source) throws ProcessRequestException {
      odd.saw("dataSm", "a data_sm, which is refused");
      throw new ProcessRequestException("data_sm", SMPPConstant.STAT_ESME_RINVCMDID);
    }

    @Override
    public void onAcceptEnquireLink(EnquireLink pdu, Session source) {
      // The library answers it.
    }
  }
}
