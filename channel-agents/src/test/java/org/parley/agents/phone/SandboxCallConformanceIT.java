package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.parley.agents.sandbox.sip.SandboxSip;

class SandboxCallConformanceIT extends CallConformanceTest {
  private @Nullable SandboxSip sandbox;
  private @Nullable SipConnector connector;

  @AfterEach
  void close() {
    if (connector != null) connector.close();
    if (sandbox != null) sandbox.close();
  }

  @Override
  SipConnector connectorTo(Callee callee, String settings) {
    String login = callee == Callee.CHALLENGES ? "username = relay, password = secret" : "";
    sandbox = Phones.sandbox(login);
    connector = Phones.connector(sandbox.port(), directory, settings);
    return connector;
  }

  @Override
  String number(Callee callee) {
    String last =
        switch (callee) {
          case ANSWERS, CHALLENGES -> "1000";
          case BUSY -> "0486";
          case DECLINES -> "0603";
          case NEVER_ANSWERS -> "0408";
          case CROSSES -> "0487";
          case REDIRECTS -> "0302";
          case HANGS_UP -> "0199";
        };
    return "+4930200" + last.substring(1);
  }

  @Override
  void assertThatTheExchangeIsContent() {
    assertThat(sandbox).isNotNull();
    assertThat(sandbox.invitedCount()).as("calls, and each once").isBetween(1L, 2L);
  }
}
