package org.parley.agents.sandbox;

import java.time.Duration;

/**
 * What the sandbox SMSC does to those who send to it. Shares are from 0 to 1.
 *
 * @param delay how long the answer to a submit waits
 * @param refuseShare the share of submits that are refused as a bad address
 * @param throttleShare the share of submits that are throttled
 * @param perSecond submits beyond so many a second are throttled; 0 is no limit
 * @param dropBeforeShare the share of submits that are not taken, and whose connection is dropped
 * @param lostResponseShare the share of submits that are taken and never answered
 * @param failShare the share of messages whose receipt says that they failed
 * @param receipts whether receipts are sent
 * @param receiptFirst whether the receipt comes before the answer to the submit
 * @param receiptDelay how long a receipt waits otherwise
 */
public record SmppMischief(
    Duration delay,
    double refuseShare,
    double throttleShare,
    int perSecond,
    double dropBeforeShare,
    double lostResponseShare,
    double failShare,
    boolean receipts,
    boolean receiptFirst,
    Duration receiptDelay) {

  /** No fault; receipts come at once. */
  public static final SmppMischief NONE =
      new SmppMischief(Duration.ZERO, 0, 0, 0, 0, 0, 0, true, false, Duration.ZERO);

  public SmppMischief withDelay(Duration newDelay) {
    return new SmppMischief(
        newDelay,
        refuseShare,
        throttleShare,
        perSecond,
        dropBeforeShare,
        lostResponseShare,
        failShare,
        receipts,
        receiptFirst,
        receiptDelay);
  }

  /** Throttles by share, and beyond a rate. */
  public SmppMischief withThrottling(double share, int newPerSecond) {
    return new SmppMischief(
        delay,
        refuseShare,
        share,
        newPerSecond,
        dropBeforeShare,
        lostResponseShare,
        failShare,
        receipts,
        receiptFirst,
        receiptDelay);
  }

  public SmppMischief withRefusals(double share) {
    return new SmppMischief(
        delay,
        share,
        throttleShare,
        perSecond,
        dropBeforeShare,
        lostResponseShare,
        failShare,
        receipts,
        receiptFirst,
        receiptDelay);
  }

  /** Drops connections before taking, and loses answers after it. */
  public SmppMischief withLosses(double before, double after) {
    return new SmppMischief(
        delay,
        refuseShare,
        throttleShare,
        perSecond,
        before,
        after,
        failShare,
        receipts,
        receiptFirst,
        receiptDelay);
  }

  public SmppMischief withReceipts(boolean sent, boolean first, Duration newDelay) {
    return new SmppMischief(
        delay,
        refuseShare,
        throttleShare,
        perSecond,
        dropBeforeShare,
        lostResponseShare,
        failShare,
        sent,
        first,
        newDelay);
  }
}
