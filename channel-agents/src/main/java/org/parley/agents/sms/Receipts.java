package org.parley.agents.sms;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsmpp.bean.DeliverSm;
import org.parley.core.spi.Inbound.Receipt;

/**
 * Reads receipts: the optional parameters receipted_message_id, message_state and
 * user_message_reference where a carrier sends them (SMPP 3.4, section 5.3.2), else the text that
 * most write (appendix B).
 */
final class Receipts {
  private static final int RECEIPTED_MESSAGE_ID = 0x001e;
  private static final int MESSAGE_STATE = 0x0427;
  private static final int USER_MESSAGE_REFERENCE = 0x0204;
  private static final int MAX_ID_CHARS = 65;
  private static final Pattern ID = field("id");
  private static final Pattern STATE = field("stat");
  private static final Pattern ERROR = field("err");

  private final SmppSettings settings;

  Receipts(SmppSettings settings) {
    this.settings = settings;
  }

  private static Pattern field(String name) {
    return Pattern.compile(
        "(?:^|\\s)" + name + ":\\s*([A-Za-z0-9_.:-]+)", Pattern.CASE_INSENSITIVE);
  }

  /** Whether this is a receipt and no message of a person (SMPP 3.4, section 5.2.12). */
  static boolean isReceipt(DeliverSm pdu) {
    int type = pdu.getEsmClass() & 0x3c;
    return type == 0x04 || type == 0x20;
  }

  /** The receipt; empty when it names neither a message nor a state that anybody knows. */
  Optional<Receipt> read(DeliverSm pdu, Instant at) {
    String text = new String(Pdus.octets(pdu), StandardCharsets.ISO_8859_1);
    Optional<String> id =
        Pdus.word(pdu, RECEIPTED_MESSAGE_ID)
            .or(() -> find(ID, text))
            .filter(word -> word.length() <= MAX_ID_CHARS)
            .map(settings.receiptIds()::ofReceipt);
    Optional<Integer> reference = Pdus.number(pdu, USER_MESSAGE_REFERENCE);
    Optional<Receipt.State> state =
        Pdus.number(pdu, MESSAGE_STATE)
            .flatMap(Receipts::state)
            .or(() -> find(STATE, text).flatMap(Receipts::state));
    if (state.isEmpty() || (id.isEmpty() && reference.isEmpty())) return Optional.empty();
    return Optional.of(
        new Receipt(
            settings.carrier(),
            id.orElse(""),
            reference.map(OptionalInt::of).orElse(OptionalInt.empty()),
            Pdus.number(pdu.getSourceAddr(), pdu.getSourceAddrTon()),
            state.get(),
            reason(pdu, text, state.get()),
            at));
  }

  private static Optional<String> reason(DeliverSm pdu, String text, Receipt.State state) {
    if (state != Receipt.State.FAILED) return Optional.empty();
    String word =
        Pdus.number(pdu, MESSAGE_STATE)
            .map(Receipts::word)
            .or(() -> find(STATE, text).map(Receipts::word))
            .orElse("undelivered");
    String error = find(ERROR, text).filter(code -> code.length() <= 8).orElse("000");
    return Optional.of(error.matches("0*") ? word : word + " (error " + error + ")");
  }

  private static Optional<Receipt.State> state(int state) {
    return switch (state) {
      case 0, 1, 6, 7 -> Optional.of(Receipt.State.UNDER_WAY);
      case 2 -> Optional.of(Receipt.State.DELIVERED);
      case 3, 4, 5, 8, 9 -> Optional.of(Receipt.State.FAILED);
      default -> Optional.empty();
    };
  }

  private static Optional<Receipt.State> state(String word) {
    return switch (word.toUpperCase(Locale.ROOT)) {
      case "DELIVRD" -> Optional.of(Receipt.State.DELIVERED);
      case "ENROUTE", "ACCEPTD", "SCHEDULED", "BUFFERD", "BUFFERED", "UNKNOWN" ->
          Optional.of(Receipt.State.UNDER_WAY);
      case "EXPIRED", "DELETED", "UNDELIV", "REJECTD", "SKIPPED", "FAILED" ->
          Optional.of(Receipt.State.FAILED);
      default -> Optional.empty();
    };
  }

  private static String word(int state) {
    return switch (state) {
      case 3 -> "expired";
      case 4 -> "deleted";
      case 8 -> "rejected";
      default -> "undelivered";
    };
  }

  private static String word(String word) {
    return switch (word.toUpperCase(Locale.ROOT)) {
      case "EXPIRED" -> "expired";
      case "DELETED" -> "deleted";
      case "REJECTD" -> "rejected";
      default -> "undelivered";
    };
  }

  private static Optional<String> find(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
