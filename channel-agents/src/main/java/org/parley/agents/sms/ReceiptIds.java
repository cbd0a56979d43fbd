package org.parley.agents.sms;

import java.math.BigInteger;
import java.util.List;
import org.parley.agents.settings.Checked;

/**
 * How a carrier writes a message's id in a receipt, when the answer to the submit wrote it
 * otherwise. Both are brought into decimal digits without zeros before them.
 */
enum ReceiptIds {
  AS_SUBMITTED(0, 0),
  /** The answer has it in hexadecimal digits, the receipt in decimal ones. */
  DECIMAL(16, 10),
  /** The answer has it in decimal digits, the receipt in hexadecimal ones. */
  HEXADECIMAL(10, 16);

  private static final int MAX_CHARS = 65;

  private final int submitRadix;
  private final int receiptRadix;

  ReceiptIds(int submitRadix, int receiptRadix) {
    this.submitRadix = submitRadix;
    this.receiptRadix = receiptRadix;
  }

  static ReceiptIds read(Checked config) {
    return switch (config.oneOf("receipt-ids", List.of("as-submitted", "decimal", "hexadecimal"))) {
      case "decimal" -> DECIMAL;
      case "hexadecimal" -> HEXADECIMAL;
      default -> AS_SUBMITTED;
    };
  }

  String ofSubmit(String id) {
    return canonical(id, submitRadix);
  }

  String ofReceipt(String id) {
    return canonical(id, receiptRadix);
  }

  private static String canonical(String id, int radix) {
    if (radix == 0 || id.length() > MAX_CHARS) return id;
    try {
      return new BigInteger(id, radix).toString();
    } catch (NumberFormatException e) {
      return id; // not what the configuration says; it is compared as it stands
    }
  }
}
