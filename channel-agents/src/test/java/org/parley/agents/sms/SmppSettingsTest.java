package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import org.jsmpp.bean.TypeOfNumber;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmppSettingsTest {
  private static SmppSettings read(String more) {
    return SmppSettings.read("main", Smscs.carrier(2775, more));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "+491701234567, INTERNATIONAL, 491701234567",
    "12345, NETWORK_SPECIFIC, 12345",
    "Parley, ALPHANUMERIC, Parley",
  })
  void theSenderIsTakenForWhatItLooksLike(String from, TypeOfNumber ton, String value) {
    SourceAddress address = read("from = \"" + from + '"').from();

    assertThat(address.ton()).isEqualTo(ton);
    assertThat(address.value()).isEqualTo(value);
  }

  @ParameterizedTest(name = "from = {0} is refused")
  @ValueSource(strings = {"A name too long", "Über uns!", "0123456789", "+12"})
  void aSenderThatNoTelephoneCanShowIsRefused(String from) {
    assertThatThrownBy(() -> read("from = \"" + from + '"'))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("from")
        .hasMessageContaining("a short code of 3 to 8 digits");
  }

  @Test
  void aPasswordThatIsTooLongIsRefusedAndNotShown() {
    assertThatThrownBy(() -> read("password = topsecret1"))
        .hasMessageContaining("password")
        .hasMessageContaining("at most 8")
        .hasMessageNotContaining("topsecret1");
    assertThat(read("password = secret, system-id = us").bind().toString())
        .doesNotContain("secret");
  }

  @Test
  void idsOfReceiptsAreBroughtIntoTheFormOfSubmits() {
    assertThat(ReceiptIds.DECIMAL.ofReceipt("0000002587"))
        .isEqualTo(ReceiptIds.DECIMAL.ofSubmit("0A1B"));
    assertThat(ReceiptIds.HEXADECIMAL.ofReceipt("a1b"))
        .isEqualTo(ReceiptIds.HEXADECIMAL.ofSubmit("2587"));
    assertThat(ReceiptIds.DECIMAL.ofReceipt("no-number")).isEqualTo("no-number");
    assertThat(ReceiptIds.AS_SUBMITTED.ofReceipt("0A1B")).isEqualTo("0A1B");
  }
}
