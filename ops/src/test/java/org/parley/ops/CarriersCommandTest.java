package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CarriersCommandTest {
  @TempDir Path directory;
  private final FakeNode node = new FakeNode();
  private Session session = Session.with(node, Path.of(""));

  CarriersCommandTest() throws IOException {}

  @BeforeEach
  void openSession() {
    session = Session.with(node, directory);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void carriersAreListedWithTheirStateInWords() {
    assertThat(session.run("carriers")).isZero();
    assertThat(session.out()).contains("main", "email", "closed", "it takes messages");
  }

  @Test
  void aCarrierIsDrainedTrippedAndResumed() {
    assertThat(session.run("carriers", "drain", "main")).isZero();
    assertThat(session.run("carriers", "trip", "main")).isZero();
    assertThat(session.run("carriers", "resume", "main")).isZero();
    assertThat(session.out()).contains("drained", "tripped", "closed");
    assertThat(node.requests())
        .anyMatch(request -> request.startsWith("POST /v1/carriers/main/drain "))
        .anyMatch(request -> request.startsWith("POST /v1/carriers/main/resume "));
  }

  @Test
  void anUnknownCarrierIsTheNodesOwnSentence() {
    assertThat(session.run("carriers", "drain", "nobody")).isEqualTo(CommandFailure.REFUSED);
    assertThat(session.err()).contains("There is no such thing.");
  }

  @Test
  void theAgentsOfEveryNodeAreListed() {
    assertThat(session.run("agents")).isZero();
    assertThat(session.out()).contains("node-1", "3-20", "3 to 5: more than 70 % busy for 30 s");
  }
}
