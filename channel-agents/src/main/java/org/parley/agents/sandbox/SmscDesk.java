package org.parley.agents.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jsmpp.DefaultPDUSender;
import org.jsmpp.PDUSender;
import org.jsmpp.PDUStringException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.SynchronizedPDUSender;
import org.jsmpp.bean.BroadcastSm;
import org.jsmpp.bean.CancelBroadcastSm;
import org.jsmpp.bean.CancelSm;
import org.jsmpp.bean.DataSm;
import org.jsmpp.bean.EnquireLink;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.OptionalParameter.Tag;
import org.jsmpp.bean.QueryBroadcastSm;
import org.jsmpp.bean.QuerySm;
import org.jsmpp.bean.ReplaceSm;
import org.jsmpp.bean.SubmitMulti;
import org.jsmpp.bean.SubmitSm;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.session.BroadcastSmResult;
import org.jsmpp.session.DataSmResult;
import org.jsmpp.session.QueryBroadcastSmResult;
import org.jsmpp.session.QuerySmResult;
import org.jsmpp.session.SMPPServerSession;
import org.jsmpp.session.ServerMessageReceiverListener;
import org.jsmpp.session.Session;
import org.jsmpp.session.SubmitMultiResult;
import org.jsmpp.session.SubmitSmResult;
import org.jsmpp.util.MessageId;
import org.parley.agents.sandbox.SandboxSmpp.Special;
import org.parley.core.api.GsmAlphabet;

/** Where the sandbox SMSC takes submits, or does mischief to them. */
final class SmscDesk implements ServerMessageReceiverListener {
  private static final Duration SLOW = Duration.ofMillis(500);
  private static final int UDHI = 0x40;
  private static final int UCS2 = 8;

  private final SandboxSmpp sandbox;
  private final SmscDeliveries deliveries;
  private final AtomicLong nextId = new AtomicLong(System.currentTimeMillis() * 1000);
  private final Set<String> unanswered = ConcurrentHashMap.newKeySet();

  // Guarded by this: the second that is counted, and how many came in it.
  private long second;
  private int inSecond;

  SmscDesk(SandboxSmpp sandbox, SmscDeliveries deliveries) {
    this.sandbox = sandbox;
    this.deliveries = deliveries;
  }

  /** What a session writes with: it keeps back answers that are to be lost. */
  PDUSender sender() {
    return new SynchronizedPDUSender(new DefaultPDUSender()) {
      @Override
      public byte[] sendSubmitSmResp(
          OutputStream out, int sequence, String messageId, OptionalParameter... parameters)
          throws PDUStringException, IOException {
        if (unanswered.remove(messageId)) return new byte[0];
        return super.sendSubmitSmResp(out, sequence, messageId, parameters);
      }
    };
  }

  @Override
  public SubmitSmResult onAcceptSubmitSm(SubmitSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    Instant begun = sandbox.came(pdu, source);
    SmppMischief mischief = sandbox.mischief();
    Optional<Special> special = Special.of(number(pdu));
    refuse(mischief, special);
    if (sandbox.draws(mischief.dropBeforeShare())) {
      source.close();
      throw new ProcessRequestException("dropped", SMPPConstant.STAT_ESME_RSYSERR);
    }
    wait(special.equals(Optional.of(Special.SLOW)) ? SLOW : mischief.delay());
    SandboxSms sms = read(pdu, begun);
    try {
      sandbox.accept(sms);
    } catch (IOException e) {
      throw new ProcessRequestException("no ledger", SMPPConstant.STAT_ESME_RSYSERR);
    }
    boolean lost =
        special.equals(Optional.of(Special.LOST_RESPONSE))
            || sandbox.draws(mischief.lostResponseShare());
    if (lost) unanswered.add(sms.id());
    if (special.equals(Optional.of(Special.VANISH))) source.close();
    comeBack(pdu, sms, mischief, special);
    return result(sms.id());
  }

  private void refuse(SmppMischief mischief, Optional<Special> special)
      throws ProcessRequestException {
    boolean tooFast = isTooFast(mischief.perSecond());
    if (tooFast
        || special.equals(Optional.of(Special.THROTTLED))
        || sandbox.draws(mischief.throttleShare())) {
      sandbox.throttledOne();
      throw new ProcessRequestException("throttled", SMPPConstant.STAT_ESME_RTHROTTLED);
    }
    if (special.equals(Optional.of(Special.REFUSED)) || sandbox.draws(mischief.refuseShare())) {
      throw new ProcessRequestException("refused", SMPPConstant.STAT_ESME_RINVDSTADR);
    }
  }

  private void comeBack(
      SubmitSm pdu, SandboxSms sms, SmppMischief mischief, Optional<Special> special) {
    boolean fails =
        special.equals(Optional.of(Special.FAILS)) || sandbox.draws(mischief.failShare());
    int asked = pdu.getRegisteredDelivery() & 0x03;
    boolean wanted = asked == 1 || (asked == 2 && fails);
    if (mischief.receipts() && wanted) {
      if (mischief.receiptFirst()) {
        deliveries.receiptNow(sms, fails);
      } else {
        deliveries.receipt(sms, fails, mischief.receiptDelay());
      }
    }
    boolean complete = sms.segment() == sms.segments();
    if (complete && special.equals(Optional.of(Special.STOPS))) {
      var unused = deliveries.says(sms.recipient(), sms.sender(), "STOP");
    }
  }

  private synchronized boolean isTooFast(int perSecond) {
    if (perSecond == 0) return false;
    long now = System.nanoTime() / 1_000_000_000L;
    if (now != second) {
      second = now;
      inSecond = 0;
    }
    if (inSecond == perSecond) return true;
    inSecond++;
    return false;
  }

  private static void wait(Duration delay) {
    long untilNanos = System.nanoTime() + delay.toNanos();
    for (long left = delay.toNanos(); left > 0; left = untilNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private SandboxSms read(SubmitSm pdu, Instant begun) {
    byte[] octets = pdu.getShortMessage() == null ? new byte[0] : pdu.getShortMessage();
    int segment = number(pdu, Tag.SAR_SEGMENT_SEQNUM, 1);
    int segments = number(pdu, Tag.SAR_TOTAL_SEGMENTS, 1);
    if ((pdu.getEsmClass() & UDHI) != 0 && octets.length >= 6) {
      segments = octets[4] & 0xff;
      segment = octets[5] & 0xff;
      octets = Arrays.copyOfRange(octets, 6, octets.length);
    }
    String validity = pdu.getValidityPeriod();
    return new SandboxSms(
        begun,
        Instant.now(),
        Long.toString(nextId.incrementAndGet()),
        number(pdu, Tag.USER_MESSAGE_REFERENCE, -1),
        pdu.getSourceAddr(),
        number(pdu),
        segment,
        segments,
        validity == null ? "" : validity,
        pdu.getDataCoding() == UCS2
            ? new String(octets, StandardCharsets.UTF_16BE)
            : GsmAlphabet.decode(octets));
  }

  private static String number(SubmitSm pdu) {
    return pdu.getDestAddrTon() == 1 ? '+' + pdu.getDestAddress() : pdu.getDestAddress();
  }

  private static int number(SubmitSm pdu, Tag tag, int otherwise) {
    OptionalParameter parameter = pdu.getOptionalParameter(tag);
    if (parameter instanceof OptionalParameter.Short two) return two.getValue() & 0xffff;
    if (parameter instanceof OptionalParameter.Byte one) return one.getValue() & 0xff;
    return otherwise;
  }

  private static SubmitSmResult result(String id) throws ProcessRequestException {
    try {
      return new SubmitSmResult(new MessageId(id), new OptionalParameter[0]);
    } catch (PDUStringException e) {
      throw new ProcessRequestException("id", SMPPConstant.STAT_ESME_RSYSERR);
    }
  }

  private static ProcessRequestException notServed() {
    return new ProcessRequestException("not served", SMPPConstant.STAT_ESME_RINVCMDID);
  }

  @Override
  public SubmitMultiResult onAcceptSubmitMulti(SubmitMulti pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public QuerySmResult onAcceptQuerySm(QuerySm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public void onAcceptReplaceSm(ReplaceSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public void onAcceptCancelSm(CancelSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public BroadcastSmResult onAcceptBroadcastSm(BroadcastSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public void onAcceptCancelBroadcastSm(CancelBroadcastSm pdu, SMPPServerSession source)
      throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public QueryBroadcastSmResult onAcceptQueryBroadcastSm(
      QueryBroadcastSm pdu, SMPPServerSession source) throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public DataSmResult onAcceptDataSm(DataSm pdu, Session source) throws ProcessRequestException {
    throw notServed();
  }

  @Override
  public void onAcceptEnquireLink(EnquireLink pdu, Session source) {
    // The library answers it.
  }
}
