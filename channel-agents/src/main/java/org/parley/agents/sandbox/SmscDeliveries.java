package org.parley.agents.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jsmpp.InvalidResponseException;
import org.jsmpp.PDUException;
import org.jsmpp.bean.ESMClass;
import org.jsmpp.bean.NumberingPlanIndicator;
import org.jsmpp.bean.OptionalParameter;
import org.jsmpp.bean.OptionalParameter.Tag;
import org.jsmpp.bean.RawDataCoding;
import org.jsmpp.bean.RegisteredDelivery;
import org.jsmpp.bean.TypeOfNumber;
import org.jsmpp.extra.NegativeResponseException;
import org.jsmpp.extra.ResponseTimeoutException;
import org.jsmpp.session.SMPPServerSession;
import org.parley.core.api.SmsText;

/**
 * What the sandbox SMSC delivers: receipts and people's messages, over any session that is bound.
 * What is refused, or finds no session, comes again a while later, for a minute or so.
 */
final class SmscDeliveries implements AutoCloseable {
  private static final int TRIES = 120;
  private static final long AGAIN_MILLIS = 500;
  private static final long RESPONSE_MILLIS = 10_000;
  private static final int DELIVERED = 2;
  private static final int UNDELIVERABLE = 5;
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyMMddHHmm").withZone(ZoneOffset.UTC);

  private final Set<SMPPServerSession> bound;
  private final ScheduledThreadPoolExecutor threads;
  private final AtomicLong count = new AtomicLong();
  private final AtomicInteger nextReference = new AtomicInteger();

  SmscDeliveries(int threads, Set<SMPPServerSession> bound) {
    this.bound = bound;
    this.threads =
        (ScheduledThreadPoolExecutor)
            Executors.newScheduledThreadPool(
                threads,
                task -> {
                  Thread thread = new Thread(task, "parley-sandbox-smpp-deliver");
                  thread.setDaemon(true);
                  return thread;
                });
    this.threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** How many deliver_sm were answered with success. */
  long count() {
    return count.get();
  }

  /** Sends a receipt after a while. */
  void receipt(SandboxSms sms, boolean failed, Duration delay) {
    var unused = deliver(receiptOf(sms, failed), delay.toMillis());
  }

  /** Sends a receipt, and returns when it was answered; for at most ten seconds. */
  void receiptNow(SandboxSms sms, boolean failed) {
    try {
      deliver(receiptOf(sms, failed), 0).get(RESPONSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // It goes on trying, or gave up; the answer to the submit need not wait for it.
    }
  }

  /** A person writes, in segments when the text is long. */
  CompletableFuture<Void> says(String from, String to, String text) {
    SmsText sms = SmsText.of(text);
    int reference = nextReference.incrementAndGet();
    CompletableFuture<?>[] answers = new CompletableFuture<?>[sms.segments().size()];
    for (int i = 0; i < answers.length; i++) {
      byte[] octets = sms.octets(i);
      boolean alone = answers.length == 1;
      byte[] message = alone ? octets : withHeader(octets, reference, answers.length, i + 1);
      int coding = sms.encoding() == SmsText.Encoding.UCS2 ? 8 : 0;
      answers[i] = deliver(new Delivery(from, to, alone ? 0 : 0x40, coding, message), 0);
    }
    return CompletableFuture.allOf(answers);
  }

  private static byte[] withHeader(byte[] octets, int reference, int total, int index) {
    byte[] whole = new byte[octets.length + 6];
    System.arraycopy(
        new byte[] {5, 0, 3, (byte) reference, (byte) total, (byte) index}, 0, whole, 0, 6);
    System.arraycopy(octets, 0, whole, 6, octets.length);
    return whole;
  }

  private static Delivery receiptOf(SandboxSms sms, boolean failed) {
    String now = MINUTE.format(Instant.now());
    String text =
        "id:"
            + sms.id()
            + " sub:001 dlvrd:"
            + (failed ? "000" : "001")
            + " submit date:"
            + MINUTE.format(sms.at())
            + " done date:"
            + now
            + " stat:"
            + (failed ? "UNDELIV err:001" : "DELIVRD err:000")
            + " text:";
    return new Delivery(
        sms.recipient(),
        sms.sender(),
        0x04,
        0,
        text.getBytes(StandardCharsets.US_ASCII),
        new OptionalParameter.COctetString(Tag.RECEIPTED_MESSAGE_ID.code(), sms.id()),
        new OptionalParameter.Byte(Tag.MESSAGE_STATE, (byte) (failed ? UNDELIVERABLE : DELIVERED)),
        new OptionalParameter.Short(Tag.USER_MESSAGE_REFERENCE, (short) sms.reference()));
  }

  private CompletableFuture<Void> deliver(Delivery delivery, long delayMillis) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    later(() -> attempt(delivery, answered, TRIES), answered, delayMillis);
    return answered;
  }

  private void attempt(Delivery delivery, CompletableFuture<Void> answered, int tries) {
    if (wasTaken(delivery)) {
      count.incrementAndGet();
      answered.complete(null);
    } else if (tries > 1) {
      later(() -> attempt(delivery, answered, tries - 1), answered, AGAIN_MILLIS);
    } else {
      answered.completeExceptionally(new CompletionException(new IOException("nobody took it")));
    }
  }

  private void later(Runnable task, CompletableFuture<Void> answered, long delayMillis) {
    try {
      var unused = threads.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      answered.cancel(false); // it is closed
    }
  }

  private boolean wasTaken(Delivery delivery) {
    for (SMPPServerSession session : bound) {
      try {
        session.setTransactionTimer(RESPONSE_MILLIS);
        delivery.over(session);
        return true;
      } catch (NegativeResponseException e) {
        return false;
      } catch (PDUException | InvalidResponseException | ResponseTimeoutException | IOException e) {
        // Another session may do.
      }
    }
    return false;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** One deliver_sm. */
  private static final class Delivery {
    private final String from;
    private final String to;
    private final int esmClass;
    private final int dataCoding;
    private final byte[] message;
    private final OptionalParameter[] parameters;

    Delivery(
        String from,
        String to,
        int esmClass,
        int dataCoding,
        byte[] message,
        OptionalParameter... parameters) {
      this.from = from;
      this.to = to;
      this.esmClass = esmClass;
      this.dataCoding = dataCoding;
      this.message = message;
      this.parameters = parameters;
    }

    void over(SMPPServerSession session)
        throws PDUException,
            ResponseTimeoutException,
            InvalidResponseException,
            NegativeResponseException,
            IOException {
      boolean international = from.startsWith("+");
      session.deliverShortMessage(
          "",
          international ? TypeOfNumber.INTERNATIONAL : TypeOfNumber.UNKNOWN,
          NumberingPlanIndicator.ISDN,
          international ? from.substring(1) : from,
          TypeOfNumber.UNKNOWN,
          NumberingPlanIndicator.UNKNOWN,
          to,
          new ESMClass(esmClass),
          (byte) 0,
          (byte) 0,
          new RegisteredDelivery(0),
          new RawDataCoding((byte) dataCoding),
          message,
          parameters);
    }
  }
}
