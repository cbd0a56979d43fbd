package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CampaignCommandTest {
  @TempDir Path directory;
  private FakeNode node = new FakeNode();
  private Session session = Session.with(node, Path.of(""));

  CampaignCommandTest() throws IOException {}

  @BeforeEach
  void prepare() throws IOException {
    session = Session.with(node, directory);
    CustomerCsv.write(directory.resolve("people.csv"), 40);
    Files.writeString(
        directory.resolve("people.csv"),
        Files.readString(directory.resolve("people.csv")) + ",no-id@example.com,,,,,,\n");
    Files.copy(
        Session.home().resolve("ops/samples/campaign.json"), directory.resolve("spring.json"));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void submitImportsCreatesAndStarts() {
    assertThat(session.run("campaign", "submit", "spring.json", "--audience", "people.csv"))
        .isZero();
    assertThat(session.out())
        .contains("40 recipients")
        .contains("campaign  cmp_")
        .contains("started");
    assertThat(session.err()).contains("1 row was left out", "line 41: customerId is missing");
  }

  @Test
  void theSameSubmissionAgainUsesTheSameKeysAndDoesNotUploadAgain() {
    session.run("campaign", "submit", "spring.json", "--audience", "people.csv");
    List<String> first = posts();
    session.run("campaign", "submit", "spring.json", "--audience", "people.csv");
    assertThat(first).hasSize(3);
    assertThat(posts().subList(first.size(), first.size() * 2)).isEqualTo(first);
    assertThat(node.requests()).filteredOn(r -> r.endsWith("/members")).hasSize(1);
  }

  @Test
  void anotherNameIsAnotherCampaign() {
    session.run("campaign", "submit", "spring.json", "--audience", "people.csv");
    List<String> first = posts();
    session.run("campaign", "submit", "spring.json", "--audience", "people.csv", "--name", "Again");
    assertThat(posts().subList(first.size(), posts().size())).doesNotContainAnyElementsOf(first);
  }

  @Test
  void submitWithWaitEndsWithTheStates() {
    assertThat(
            session.run("campaign", "submit", "spring.json", "--audience", "people.csv", "--wait"))
        .isZero();
    assertThat(session.out()).containsPattern("delivered +40").containsPattern("status +completed");
  }

  @Test
  void jsonOutputIsOneDocument() throws IOException {
    assertThat(
            session.run(
                "campaign",
                "submit",
                "spring.json",
                "--audience",
                "people.csv",
                "--wait",
                "--json"))
        .isZero();
    assertThat(Json.parse(session.out()).path("progress").path("delivered").asInt()).isEqualTo(40);
  }

  @Test
  void anInvalidCampaignIsRefusedWithThePlaceOfEachProblem() throws IOException {
    Files.writeString(directory.resolve("bad.json"), "{\"name\":\"x\",\"steps\":[]}");
    assertThat(session.run("campaign", "submit", "bad.json", "--audience", "people.csv"))
        .isEqualTo(CommandFailure.REFUSED);
    assertThat(session.err())
        .contains("parley: The campaign is not valid. [invalidCampaign]")
        .contains("  /steps: at least one step is needed");
  }

  @Test
  void aFileThatIsNoJsonIsAUsageErrorWithItsLine() throws IOException {
    Files.writeString(directory.resolve("bad.json"), "{\"name\":\n oops}");
    assertThat(session.run("campaign", "submit", "bad.json", "--audience", "people.csv"))
        .isEqualTo(CommandFailure.USAGE);
    assertThat(session.err()).contains("line 2");
  }

  @Test
  void anAudienceThatIsNotThereIsAUsageError() {
    assertThat(session.run("campaign", "submit", "spring.json", "--audience", "nobody.csv"))
        .isEqualTo(CommandFailure.USAGE);
    assertThat(node.requests()).isEmpty();
  }

  @Test
  void aBusyNodeIsAskedAgain() {
    node.beBusyFor(2);
    assertThat(session.run("campaign", "pause", "cmp_1")).isZero();
    assertThat(session.out()).contains("paused");
  }

  @Test
  void aNodeThatStaysBusyIsGivenUp() {
    node.beBusyFor(100);
    assertThat(session.run("campaign", "pause", "cmp_1")).isEqualTo(CommandFailure.FAILED);
    assertThat(node.requests()).hasSize(5);
  }

  @Test
  void aWrongKeyIsRefusedWithAHintWhereKeysComeFrom() {
    Session stranger = new Session(directory, Map.of("PARLEY_URL", node.uri().toString()));
    assertThat(stranger.run("campaign", "list")).isEqualTo(CommandFailure.REFUSED);
    assertThat(stranger.err()).contains("--api-key-file");
  }

  @Test
  void theKeyOfADirectoryIsFoundByItself() throws IOException {
    Files.createDirectories(directory.resolve(".parley"));
    Files.writeString(directory.resolve(".parley/api-key"), FakeNode.KEY + "\n");
    Session user = new Session(directory, Map.of("PARLEY_URL", node.uri().toString()));
    assertThat(user.run("campaign", "list")).isZero();
  }

  @Test
  void statusOfACampaignThatIsNotThereIsRefused() {
    assertThat(session.run("campaign", "status", "cmp_none")).isEqualTo(CommandFailure.REFUSED);
    assertThat(session.err()).contains("There is no such campaign.");
  }

  @Test
  void aCustomerIsShownAndOptedOut() {
    assertThat(session.run("customer", "show", "c-1")).isZero();
    assertThat(session.run("customer", "opt-out", "c/2")).isZero();
    assertThat(session.out())
        .contains("ada@example.com", "consent email", "cmp_1/hello", "delivered")
        .contains("opted out of email, sms, phone")
        .doesNotContain("nothing is known");
    assertThat(node.requests()).contains("PUT /v1/customers/c%2F2/consent");
  }

  @Test
  void ofACustomerWhomNobodyHasMetNothingIsKnown() {
    assertThat(session.run("customer", "show", "c-0")).isZero();
    assertThat(session.out()).contains("nothing is known yet");
  }

  private List<String> posts() {
    return node.requests().stream().filter(r -> r.startsWith("POST")).toList();
  }
}
