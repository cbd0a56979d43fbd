package org.parley.agents.email.inbound;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.parley.agents.email.inbound.ReturnAddress.Purpose;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.Inbound.Bounce;
import org.parley.core.spi.Inbound.Reply;

/**
 * Takes one mail, whichever way it came, and hands what it says to the engine. Its future is done
 * when that is durable; only then may the sender be told that the mail was taken. Nothing is ever
 * answered by mail, so no loop can start here. Thread-safe.
 */
final class Intake {
  private static final String CARRIER = "inbound-email";

  private final Inbound inbound;
  private final Set<String> domains;
  private final InboundMetrics metrics;
  private final InstantSource clock;
  private final Semaphore readers;

  Intake(Inbound inbound, InboundSettings settings, InboundMetrics metrics, InstantSource clock) {
    this.inbound = inbound;
    this.domains = settings.domains();
    this.metrics = metrics;
    this.clock = clock;
    this.readers = new Semaphore(settings.readers());
  }

  /**
   * Takes a mail. It waits while many others are taken apart.
   *
   * @param octets the mail, or the beginning of it
   * @param envelopeFrom without brackets; empty for bounces
   * @param envelopeTo the addresses it came to; when there are none its headers say
   * @throws BadMail when it can never be taken
   */
  CompletionStage<?> take(byte[] octets, String envelopeFrom, List<String> envelopeTo)
      throws BadMail, InterruptedException {
    Letter letter;
    readers.acquire();
    try {
      letter = MailReader.read(octets, envelopeFrom);
    } finally {
      readers.release();
    }
    return sort(letter, ours(envelopeTo.isEmpty() ? letter.to() : envelopeTo));
  }

  private List<ReturnAddress> ours(List<String> addresses) {
    Set<ReturnAddress> ours = new LinkedHashSet<>();
    for (String address : addresses) {
      ReturnAddress to = ReturnAddress.parse(address, domains);
      if (to.purpose() == Purpose.FORGED) metrics.odd("forgedAddress");
      else if (to.purpose() != Purpose.FOREIGN) ours.add(to);
    }
    return List.copyOf(ours);
  }

  private CompletionStage<?> sort(Letter letter, List<ReturnAddress> to) {
    if (letter.report().isPresent()) return report(letter, letter.report().get(), to);
    List<ReturnAddress> leaving =
        to.stream().filter(address -> address.purpose() == Purpose.UNSUBSCRIBE).toList();
    if (!leaving.isEmpty()) return replies(letter, leaving, "unsubscribe", "STOP", false);
    if (letter.nullSender() || letter.postman()) return fromPostman(letter, to);
    String word = letter.automatic() ? "automaticReply" : "reply";
    return replies(letter, withToken(to), word, letter.text(), letter.automatic());
  }

  /** The addresses with a token; without one the mail itself may say what it answers. */
  private static List<ReturnAddress> withToken(List<ReturnAddress> to) {
    List<ReturnAddress> signed = to.stream().filter(a -> a.token().isPresent()).toList();
    if (!signed.isEmpty()) return signed;
    return List.of(new ReturnAddress(Purpose.OTHER, Optional.empty()));
  }

  private CompletionStage<?> replies(
      Letter letter, List<ReturnAddress> to, String word, String text, boolean automatic) {
    List<CompletionStage<?>> all = new ArrayList<>();
    for (ReturnAddress address : to) {
      Reply reply =
          new Reply(
              CARRIER,
              Channel.EMAIL,
              letter.id(),
              letter.from(),
              address.token(),
              letter.about(),
              text,
              clock.instant(),
              automatic);
      metrics.count(word);
      all.add(counted(inbound.reply(reply)));
    }
    return all(all);
  }

  private CompletionStage<?> report(Letter letter, Report report, List<ReturnAddress> to) {
    return switch (report.kind()) {
      case DELIVERY -> deliveryStatus(letter, report, to);
      case COMPLAINT -> complaint(letter, report, to);
      case DISPOSITION -> nothing("disposition");
    };
  }

  private CompletionStage<?> deliveryStatus(Letter letter, Report report, List<ReturnAddress> to) {
    Optional<Report.Recipient> failed =
        report.recipients().stream()
            .filter(r -> !r.action().startsWith("deliver") && !r.action().startsWith("relay"))
            .filter(r -> !r.action().startsWith("expand"))
            .filter(r -> !r.status().map(s -> s.startsWith("2.")).orElse(false))
            .findFirst();
    if (failed.isEmpty()) {
      // A status without recipients may still have said it in its text.
      return report.recipients().isEmpty() ? fromPostman(letter, to) : nothing("deliveryNotice");
    }
    Optional<String> status = failed.get().status().or(() -> StatusCode.find(letter.whole()));
    boolean delayed = failed.get().action().startsWith("delay");
    Bounce.Kind kind =
        delayed ? Bounce.Kind.SOFT : status.map(StatusCode::kind).orElse(Bounce.Kind.SOFT);
    return bounce(letter, kind, to, Optional.of(report), failed.get().address(), status);
  }

  private CompletionStage<?> complaint(Letter letter, Report report, List<ReturnAddress> to) {
    // RFC 5965, section 7.3, and RFC 6430: "not-spam" takes a complaint back.
    if (report.feedback().map("not-spam"::equals).orElse(false)) return nothing("notSpam");
    return bounce(
        letter,
        Bounce.Kind.COMPLAINT,
        to,
        Optional.of(report),
        report.complained(),
        Optional.empty());
  }

  /** A mail server's mail that is no report: a bounce when its text has a status code. */
  private CompletionStage<?> fromPostman(Letter letter, List<ReturnAddress> to) {
    Optional<String> status =
        letter.automatic() && letter.report().isEmpty() && !letter.postman()
            ? Optional.empty()
            : StatusCode.find(letter.whole());
    if (status.isEmpty()) return nothing("nullSender");
    Bounce.Kind kind = StatusCode.kind(status.get());
    return bounce(letter, kind, to, letter.report(), Optional.empty(), status);
  }

  private CompletionStage<?> bounce(
      Letter letter,
      Bounce.Kind kind,
      List<ReturnAddress> to,
      Optional<Report> report,
      Optional<String> address,
      Optional<String> status) {
    List<ReturnAddress> named = new ArrayList<>(to);
    report.ifPresent(r -> named.addAll(ours(r.returned())));
    Optional<String> token = named.stream().flatMap(a -> a.token().stream()).findFirst();
    Optional<AttemptId> attempt =
        report.flatMap(Report::attempt).or(letter::about).or(() -> Names.attempt(letter.whole()));
    if (token.isEmpty() && attempt.isEmpty()) return nothing("unmatchedReport");
    metrics.count(
        switch (kind) {
          case HARD -> "hardBounce";
          case SOFT -> "softBounce";
          case COMPLAINT -> "complaint";
        });
    return counted(
        inbound.bounce(
            new Bounce(
                CARRIER,
                Channel.EMAIL,
                letter.id(),
                kind,
                token,
                attempt,
                address,
                status,
                clock.instant())));
  }

  private CompletionStage<?> nothing(String what) {
    metrics.count(what);
    return CompletableFuture.completedFuture(null);
  }

  private CompletionStage<?> counted(CompletionStage<Inbound.Taken> answer) {
    return answer.whenComplete(
        (taken, failure) -> {
          if (failure != null) metrics.odd("notTaken");
          else if (taken == Inbound.Taken.UNMATCHED) metrics.odd("unmatched");
        });
  }

  private static CompletionStage<?> all(List<CompletionStage<?>> stages) {
    return CompletableFuture.allOf(
        stages.stream()
            .map(CompletionStage::toCompletableFuture)
            .toArray(CompletableFuture[]::new));
  }
}
