package org.parley.agents.email.inbound;

import jakarta.mail.MessagingException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into a mailbox again and again, on a thread of its own. After a failure it connects anew
 * and waits, longer each time.
 */
final class ImapDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImapDoor.class);

  private final ImapSettings settings;
  private final Mailbox mailbox;
  private final InboundMetrics metrics;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private int failures;

  private ImapDoor(ImapSettings settings, Mailbox mailbox, InboundMetrics metrics) {
    this.settings = settings;
    this.mailbox = mailbox;
    this.metrics = metrics;
    this.thread = new Thread(this::run, "parley-inbound-imap");
  }

  /** Looks from now on; a server that cannot be reached is tried for ever. */
  static ImapDoor open(
      InboundSettings settings, ImapSettings own, Intake intake, InboundMetrics metrics) {
    ImapDoor door = new ImapDoor(own, new Mailbox(settings, own, intake, metrics), metrics);
    door.thread.setDaemon(true);
    door.thread.start();
    return door;
  }

  /** Ends the look that is under way; a mail that was not marked is seen again. */
  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
    mailbox.close();
  }

  private void run() {
    try {
      long waitMillis = 0;
      while (!closing.await(waitMillis, TimeUnit.MILLISECONDS)) waitMillis = look();
    } catch (InterruptedException e) {
      LOG.debug("The mailbox is looked into no more");
    } finally {
      mailbox.close();
    }
  }

  /** Looks once; how long to wait then. */
  private long look() throws InterruptedException {
    try {
      boolean all = mailbox.look();
      if (failures > 0) LOG.info("The inbound mailbox at {} answers again", settings.host());
      failures = 0;
      return all ? settings.interval().toMillis() : 0;
    } catch (MessagingException | RuntimeException e) {
      mailbox.close();
      metrics.count("mailboxFailed");
      if (failures++ == 0 && closing.getCount() > 0) {
        // Not its message: servers quote what they were sent.
        LOG.warn(
            "The inbound mailbox at {} failed with {}; it is tried again",
            settings.host(),
            e.getClass().getSimpleName());
      }
      return backoffMillis();
    }
  }

  private long backoffMillis() {
    long longest = settings.backoffMax().toMillis();
    long wait = settings.backoffMin().toMillis() << Math.min(20, failures - 1);
    long capped = Math.max(1, Math.min(longest, wait));
    return capped / 2 + ThreadLocalRandom.current().nextLong(capped / 2 + 1);
  }
}
