package org.parley.agents.sms;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.tag.TagSet;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.DeliverSm;
import org.parley.core.api.Channel;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.Inbound.Receipt;
import org.parley.core.spi.Inbound.Reply;
import org.parley.core.spi.Inbound.Taken;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what a carrier delivers: receipts and people's messages. Each is answered with
 * ESME_RX_T_APPN when it could not be made durable, so that it comes again, and with
 * ESME_RTHROTTLED when too many wait; what nobody can read or match is counted and taken, because
 * it would be the same the next time.
 */
final class Deliveries {
  private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);
  private static final int EARLY_TRIES = 10;
  private static final long EARLY_PAUSE_MILLIS = 1000;

  private final SmppSettings settings;
  private final Inbound inbound;
  private final OddThings odd;
  private final InstantSource clock;
  private final ScheduledExecutorService timer;
  private final Receipts receipts;
  private final Joiner joiner;
  private final ReplyIds replyIds = new ReplyIds();
  private final Semaphore room;
  private final AtomicInteger lostConnections = new AtomicInteger();
  private final Counter receiptCount;
  private final Counter replyCount;

  Deliveries(
      SmppSettings settings,
      Inbound inbound,
      OddThings odd,
      InstantSource clock,
      ScheduledExecutorService timer) {
    this.settings = settings;
    this.inbound = inbound;
    this.odd = odd;
    this.clock = clock;
    this.timer = timer;
    this.receipts = new Receipts(settings);
    this.joiner = new Joiner(settings.join(), this::reply);
    this.room = new Semaphore(settings.inboundWindow());
    this.receiptCount = counter("parley.sms.receipts");
    this.replyCount = counter("parley.sms.replies");
  }

  private Counter counter(String name) {
    return Kamon.counter(name).withTags(TagSet.of("carrier", settings.carrier()));
  }

  /** Takes a deliver_sm, and answers with its command_status. */
  CompletionStage<Integer> take(DeliverSm pdu) {
    if (!room.tryAcquire()) return status(SMPPConstant.STAT_ESME_RTHROTTLED);
    CompletionStage<Integer> status;
    try {
      status = Receipts.isReceipt(pdu) ? receipt(pdu) : message(pdu);
    } catch (RuntimeException e) {
      status = unreadable();
    }
    return status.whenComplete((done, failure) -> room.release());
  }

  private CompletionStage<Integer> message(DeliverSm pdu) {
    boolean anybody = pdu.getSourceAddr() != null || pdu.getDestAddress() != null;
    return anybody ? joiner.add(Part.of(pdu), clock.instant()) : unreadable();
  }

  private CompletionStage<Integer> unreadable() {
    odd.saw("unreadable", "a deliver_sm that cannot be read");
    return status(SMPPConstant.STAT_ESME_RX_P_APPN);
  }

  /** A receipt that overtook the answer to its submit. It is nobody's to send again but ours. */
  void cameEarly(Receipt receipt) {
    retry(receipt, EARLY_TRIES);
  }

  void connectionLost() {
    lostConnections.incrementAndGet();
  }

  void sweep(Instant now) {
    joiner.sweep(now);
  }

  private CompletionStage<Integer> receipt(DeliverSm pdu) {
    receiptCount.increment();
    Optional<Receipt> receipt = receipts.read(pdu, clock.instant());
    if (receipt.isEmpty()) {
      odd.saw("badReceipt", "a receipt without a message or a state that anybody knows");
      return status(SMPPConstant.STAT_ESME_ROK);
    }
    return safely(() -> inbound.receipt(receipt.get()))
        .thenApply(this::counted)
        .exceptionally(this::comeAgain);
  }

  private CompletionStage<Integer> reply(Part part, String text) {
    Instant now = clock.instant();
    Reply reply =
        new Reply(
            settings.carrier(),
            Channel.SMS,
            replyIds.idOf(part, text, lostConnections.get(), now),
            part.from(),
            Optional.empty(),
            Optional.empty(),
            text,
            now);
    return safely(() -> inbound.reply(reply))
        .thenApply(
            taken -> {
              replyCount.increment();
              replyIds.taken(part, text, lostConnections.get(), clock.instant());
              return counted(taken);
            })
        .exceptionally(this::comeAgain);
  }

  private int counted(Taken taken) {
    if (taken == Taken.UNMATCHED) odd.saw("unmatched", "something that nobody here is meant by");
    return SMPPConstant.STAT_ESME_ROK;
  }

  private int comeAgain(Throwable failure) {
    odd.saw("notStored", "something that could not be made durable and must come again");
    return SMPPConstant.STAT_ESME_RX_T_APPN;
  }

  private void retry(Receipt receipt, int tries) {
    var unused =
        safely(() -> inbound.receipt(receipt))
            .whenComplete(
                (taken, failure) -> {
                  if (failure == null) return;
                  if (tries > 1 && !timer.isShutdown()) {
                    later(() -> retry(receipt, tries - 1));
                  } else {
                    LOG.error(
                        "A receipt of carrier {} for message {} could not be written down",
                        settings.carrier(),
                        receipt.carrierRef());
                  }
                });
  }

  private void later(Runnable task) {
    var unused = timer.schedule(task, EARLY_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static CompletionStage<Taken> safely(Supplier<CompletionStage<Taken>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static CompletionStage<Integer> status(int status) {
    return CompletableFuture.completedFuture(status);
  }
}
