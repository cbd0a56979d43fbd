package org.parley.agents.sms;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jsmpp.PDUSender;
import org.jsmpp.PDUStringException;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.OptionalParameter.Tag;
import org.jsmpp.bean.RawDataCoding;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.TypeOfNumber;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Outcome;
import org.parley.core.api.SmsText;
import org.parley.core.spi.Attempt;

/**
 * One attempt on the wire, segment after segment: the next is written when the one before is
 * accepted. Until the carrier has accepted the first, a refusal means that nothing was sent; after
 * it, whatever stops the message leaves it in doubt. The last segment's id stands for the message:
 * it alone asks for every receipt, the others for one if they fail.
 */
final class Sending {
  private static final byte ESM_UDHI = 0x40;
  private static final int RECEIPT_ALWAYS = 1;
  private static final int RECEIPT_ON_FAILURE = 2;
  private static final byte UCS2 = 8;

  private final SmppConnector owner;
  private final Attempt attempt;
  private final SmsText text;
  private final int reference;
  private final long endNanos;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  // Written by whoever holds the one segment that is under way.
  private volatile int accepted;
  private volatile long deadlineNanos;
  private volatile @Nullable SmppLink link;

  Sending(SmppConnector owner, Attempt attempt, SmsText text) {
    this.owner = owner;
    this.attempt = attempt;
    this.text = text;
    this.reference = reference(attempt);
    this.endNanos = System.nanoTime() + owner.settings().finishWithin().toNanos();
    waitFromNow();
  }

  /** Never beyond the lane's patience, after which another copy may be under way. */
  private void waitFromNow() {
    long now = System.nanoTime();
    long left = endNanos - now;
    deadlineNanos = now + Math.min(owner.settings().submitWait().toNanos(), left);
  }

  /** Our reference on the wire: the same for the same attempt, on every node. */
  static int reference(Attempt attempt) {
    int hash = attempt.id().value().hashCode();
    return (hash ^ hash >>> 16) & 0xffff;
  }

  Attempt attempt() {
    return attempt;
  }

  CompletableFuture<Outcome> outcome() {
    return outcome;
  }

  void on(SmppLink newLink) {
    link = newLink;
  }

  /** Why it must not start on the wire any more; null while it may. */
  @Nullable String overdue(long nowNanos, long nowMillis) {
    if (accepted == 0 && attempt.isExpired(nowNanos, nowMillis)) return "expired";
    if (nowNanos - deadlineNanos <= 0) return null;
    return owner.boundSessions() > 0 ? "throttled" : "noSession";
  }

  /** The last look at the clock before the wire; when it is too late, it is settled. */
  boolean tooLate() {
    String reason = overdue(System.nanoTime(), owner.now().toEpochMilli());
    if (reason == null) return false;
    leave();
    giveUp(reason);
    return true;
  }

  /** It stays where it is: with nothing accepted it was not sent. */
  void giveUp(String reason) {
    String carrier = owner.carrier();
    settle(
        accepted == 0
            ? Outcome.notSent(carrier, reason, "it did not start on the wire")
            : partly("then " + reason));
  }

  void write(PDUSender sender, OutputStream out, int sequence)
      throws PDUStringException, IOException {
    SmppSettings settings = owner.settings();
    boolean last = accepted == text.segments().size() - 1;
    int receipt = !settings.receipts() ? 0 : last ? RECEIPT_ALWAYS : RECEIPT_ON_FAILURE;
    boolean udh = isJoinedBy(SmppSettings.Concatenation.UDH);
    byte[] octets = text.octets(accepted);
    sender.sendSubmitSm(
        out,
        sequence,
        settings.serviceType(),
        settings.from().ton(),
        settings.from().npi(),
        settings.from().value(),
        TypeOfNumber.INTERNATIONAL,
        NumberingPlanIndicator.ISDN,
        attempt.address().substring(1),
        new ESMClass(udh ? ESM_UDHI : 0),
        (byte) 0,
        (byte) 0,
        null,
        validity(),
        new RegisteredDelivery(receipt),
        (byte) 0,
        new RawDataCoding(text.encoding() == SmsText.Encoding.UCS2 ? UCS2 : 0),
        (byte) 0,
        udh ? withHeader(octets) : octets,
        parameters());
  }

  /** The answer to the segment that was written. */
  void answered(int status, @Nullable String messageId) {
    leave();
    if (status == 0) {
      acceptedSegment(messageId);
      return;
    }
    if (Verdicts.isThrottle(status)) owner.throttled();
    if (accepted == 0) {
      settle(Verdicts.refused(owner.carrier(), status));
    } else if (Verdicts.isThrottle(status)) {
      owner.again(this);
    } else {
      settle(partly(String.format("then command_status 0x%08x", status)));
    }
  }

  private void acceptedSegment(@Nullable String messageId) {
    int sofar = accepted + 1;
    accepted = sofar;
    waitFromNow();
    if (sofar < text.segments().size()) {
      owner.again(this);
    } else {
      owner.accepted(this, messageId == null ? "" : messageId);
    }
  }

  void nacked() {
    leave();
    settle(
        accepted == 0
            ? Outcome.notSent(owner.carrier(), "protocolError", "generic_nack")
            : partly("then generic_nack"));
  }

  /** It was written, and nobody knows what became of it. */
  void lost(String reason) {
    leave();
    settle(Outcome.unknown(owner.carrier(), reason, "no answer to a submit_sm"));
  }

  /** It was certainly not written: another session may. */
  void unwritten() {
    leave();
    owner.again(this);
  }

  void unsendable() {
    leave();
    settle(Outcome.rejected(owner.carrier(), "badAddress", "a field does not fit into SMPP"));
  }

  void settle(Outcome settled) {
    outcome.complete(settled);
  }

  private Outcome partly(String then) {
    return Outcome.unknown(
        owner.carrier(),
        "partlySent",
        accepted + " of " + text.segments().size() + " segments accepted, " + then);
  }

  private void leave() {
    SmppLink from = link;
    link = null;
    if (from != null) from.left();
    owner.roomCame();
  }

  /** Relative (SMPP 3.4, section 7.1.1): our clocks need not agree. */
  private String validity() {
    SmppSettings settings = owner.settings();
    Duration left = Duration.ofNanos(attempt.deadlineNanos() - System.nanoTime());
    long seconds = Math.max(1, left.plus(settings.beyondGrant()).toSeconds());
    long days = Math.min(30, seconds / 86_400);
    return String.format(
        "0000%02d%02d%02d%02d000R", days, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  }

  private boolean isJoinedBy(SmppSettings.Concatenation way) {
    return text.segments().size() > 1 && owner.settings().concatenation() == way;
  }

  private byte[] withHeader(byte[] octets) {
    byte[] whole = new byte[octets.length + 6];
    whole[0] = 5;
    whole[1] = 0;
    whole[2] = 3;
    whole[3] = (byte) reference;
    whole[4] = (byte) text.segments().size();
    whole[5] = (byte) (accepted + 1);
    System.arraycopy(octets, 0, whole, 6, octets.length);
    return whole;
  }

  private OptionalParameter[] parameters() {
    OptionalParameter own =
        new OptionalParameter.Short(Tag.USER_MESSAGE_REFERENCE, (short) reference);
    if (!isJoinedBy(SmppSettings.Concatenation.SAR)) return new OptionalParameter[] {own};
    return new OptionalParameter[] {
      own,
      new OptionalParameter.Short(Tag.SAR_MSG_REF_NUM, (short) reference),
      new OptionalParameter.Byte(Tag.SAR_TOTAL_SEGMENTS, (byte) text.segments().size()),
      new OptionalParameter.Byte(Tag.SAR_SEGMENT_SEQNUM, (byte) (accepted + 1))
    };
  }
}
