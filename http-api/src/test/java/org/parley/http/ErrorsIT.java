package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.parley.http.RunningApi.CAMPAIGN;
import static org.parley.http.RunningApi.header;
import static org.parley.http.RunningApi.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.parley.http.api.HttpUnavailable;

class ErrorsIT {
  private static final RunningApi api = new RunningApi("max-body = 64 KiB");

  @BeforeAll
  static void makeACampaign() {
    assertThat(api.post("/v1/campaigns", CAMPAIGN).statusCode()).isEqualTo(201);
  }

  @AfterEach
  void heal() {
    api.parley.failure = null;
    api.stores.failure = null;
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @ParameterizedTest(name = "{0} -> {2} at {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"colour\":1} | /colour | known are",
        "{\"audience\":\"a\",\"steps\":[]} | /name | is required",
        "{\"name\":null,\"audience\":\"a\",\"steps\":[]} | /name | is required",
        "{\"name\":5,\"audience\":\"a\",\"steps\":[]} | /name | a text",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":{}} | /steps | an array",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[null]} | /steps/0 | null",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[{\"id\":\"s\",\"channel\":\"fax\",\"template\":{}}]}"
            + " | /steps/0/channel | one of email, sms, phone",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[{\"id\":\"s\",\"channel\":1,\"template\":{}}]}"
            + " | /steps/0/channel | one of email, sms, phone",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[{\"id\":\"s\",\"channel\":\"sms\",\"template\":{\"a/b~c\":1}}]}"
            + " | /steps/0/template/a~1b~0c | known are",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"schedule\":{\"startAt\":1700000000}}"
            + " | /schedule/startAt | ISO 8601",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"schedule\":{\"startAt\":\"soon\"}}"
            + " | /schedule/startAt | ISO 8601",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"policy\":{\"frequencyCap\":{\"messages\":\"1\",\"per\":\"P1D\"}}}"
            + " | /policy/frequencyCap/messages | a whole number",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"policy\":{\"frequencyCap\":{\"messages\":1.5,\"per\":\"P1D\"}}}"
            + " | /policy/frequencyCap/messages | a whole number",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"policy\":{\"frequencyCap\":{\"per\":\"P1D\"}}}"
            + " | /policy/frequencyCap/messages | is required",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"policy\":{\"frequencyCap\":{\"messages\":1}}}"
            + " | /policy/frequencyCap/per | is required",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[],\"policy\":{\"ratePerSecond\":99999999999}}"
            + " | /policy/ratePerSecond | 32 bits",
        "[] | '' | an object",
        "null | '' | an object",
      })
  void aBodyThatIsNotAsDescribedIsRefusedWithItsPlace(String body, String pointer, String detail) {
    HttpResponse<String> answer = api.post("/v1/campaigns", body);

    JsonNode problem = problem(answer, 400, "invalidBody");
    assertThat(problem.at("/errors/0/pointer").asText())
        .isEqualTo(pointer.equals("''") ? "" : pointer);
    assertThat(problem.at("/errors/0/detail").asText()).contains(detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"x\" | line 1",
        "{\"name\":\"x\",\"name\":\"y\",\"audience\":\"a\",\"steps\":[]} | twice",
        "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[]} {} | more than one",
        "{\"name\":NaN} | line 1",
      })
  void bytesThatAreNotOneJsonDocumentAreRefused(String body, String detail) {
    HttpResponse<String> answer = api.post("/v1/campaigns", body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).at("/errors/0/detail").asText()).contains(detail);
  }

  @Test
  void nestingWithoutAnEndIsStopped() {
    HttpResponse<String> answer =
        api.call("PATCH", "/v1/campaigns/" + campaign(), "{\"a\":" + "[".repeat(10_000));

    problem(answer, 400, "malformedJson");
  }

  @Test
  void aNullAmongAttributesIsRefusedWithItsPlace() {
    HttpResponse<String> answer =
        api.call("PUT", "/v1/customers/c-1", "{\"attributes\":{\"firstName\":null}}");

    assertThat(problem(answer, 400, "invalidBody").at("/errors/0/pointer").asText())
        .isEqualTo("/attributes/firstName");
  }

  @Test
  void aNumberAmongAttributesIsNotTakenForAText() {
    HttpResponse<String> answer =
        api.call("PUT", "/v1/customers/c-1", "{\"attributes\":{\"age\":7}}");

    assertThat(problem(answer, 400, "invalidBody").at("/errors/0/pointer").asText())
        .isEqualTo("/attributes/age");
  }

  @Test
  void whatTheEngineFindsSenselessIsUnprocessableWithItsPlaces() {
    HttpResponse<String> answer =
        api.post("/v1/campaigns", "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[]}");

    JsonNode problem = problem(answer, 422, "invalidCampaign");
    assertThat(problem.at("/errors/0/pointer").asText()).isEqualTo("/steps");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    problem(api.get("/v1/campaigns/cmp_none"), 404, "campaignNotFound");
    problem(api.get("/v1/nothing"), 404, "noSuchRoute");
    problem(api.get("/v1/campaigns/"), 404, "noSuchRoute");
    problem(api.get("//v1/campaigns"), 404, "noSuchRoute");
  }

  @Test
  void aWrongMethodIsToldTheRightOnes() {
    HttpResponse<String> answer = api.call("DELETE", "/v1/campaigns", "");

    problem(answer, 405, "methodNotAllowed");
    assertThat(header(answer, "Allow")).isEqualTo("GET, HEAD, POST");
  }

  @Test
  void aConflictAndAnUnknownQueryAreSaidPlainly() {
    problem(api.post("/v1/campaigns/" + campaign() + "/resume", ""), 409, "notPaused");
    problem(api.get("/v1/campaigns?statuss=draft"), 400, "invalidQuery");
    problem(api.get("/v1/campaigns?status=sleepy"), 400, "invalidQuery");
    problem(api.get("/v1/campaigns?limit=0"), 400, "invalidQuery");
    problem(api.get("/v1/campaigns?limit=x"), 400, "invalidQuery");
    problem(api.get("/v1/customers/a%7Cb"), 400, "invalidCustomerId");
  }

  @Test
  void aBodyOfAnotherTypeOrAnAnswerNobodyGivesIsRefused() {
    problem(
        api.post("/v1/campaigns", CAMPAIGN, "Content-Type", "text/plain"),
        415,
        "unsupportedMediaType");
    problem(
        api.post("/v1/campaigns", CAMPAIGN, "Content-Encoding", "gzip"),
        415,
        "unsupportedMediaType");
    problem(api.get("/v1/campaigns", "Accept", "text/html"), 406, "notAcceptable");
    assertThat(api.get("/v1/campaigns", "Accept", "text/html, */*;q=0.1").statusCode())
        .isEqualTo(200);
  }

  @Test
  void aBodyOverTheLimitIsRefusedWhetherItSaysItsLengthOrNot() {
    String large = "{\"name\":\"" + "x".repeat(100_000) + "\"}";
    problem(api.post("/v1/audiences", large), 413, "bodyTooLarge");

    HttpRequest chunked =
        HttpRequest.newBuilder(api.uri("/v1/audiences"))
            .header("Authorization", "Bearer " + MemoryStores.KEY)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofByteArrays(
                    List.of(large.getBytes(StandardCharsets.UTF_8))))
            .build();
    problem(api.send(chunked), 413, "bodyTooLarge");
  }

  @Test
  void aBodyThatDoesNotArriveInTimeIsGivenUp() throws IOException {
    try (RunningApi hasty = new RunningApi("body-timeout = 500ms");
        Socket socket = hasty.connect()) {
      write(socket, head(100) + "{\"na");

      assertThat(statusLine(socket)).isEqualTo("HTTP/1.1 408");
    }
  }

  @Test
  void aBodyMayTakeLongerToArriveThanItsAnswerMayTake() throws IOException {
    try (RunningApi patient = new RunningApi("request-timeout = 1s, body-timeout = 3s");
        Socket late = patient.connect();
        Socket never = patient.connect()) {
      String body = "{\"name\":\"Readers\"}";
      for (Socket socket : List.of(late, never)) {
        write(socket, head(body.length()) + body.substring(0, 4));
      }
      CompletableFuture<Void> rest =
          CompletableFuture.runAsync(
              () -> write(late, body.substring(4)),
              CompletableFuture.delayedExecutor(1_500, TimeUnit.MILLISECONDS));

      assertThat(statusLine(late)).isEqualTo("HTTP/1.1 201");
      rest.join();
      assertThat(statusLine(never)).isEqualTo("HTTP/1.1 408");
    }
  }

  @Test
  void whatIsDoneWithABodyThatIsThereTakesNoLongerThanAnyAnswer() {
    try (RunningApi patient = new RunningApi("request-timeout = 1s, body-timeout = 5m")) {
      patient.parley.slowUpdate = new CompletableFuture<>();

      problem(patient.call("PUT", "/v1/customers/c-1", "{}"), 503, "unavailable");
    }
  }

  private static String head(int bodyLength) {
    return "POST /v1/audiences HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + MemoryStores.KEY
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + bodyLength
        + "\r\n\r\n";
  }

  private static void write(Socket socket, String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String statusLine(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
  }

  @Test
  void whatIsNotHttpIsAnsweredWithAProblemToo() throws IOException {
    try (Socket socket = api.connect()) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET /\u0001 HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

      assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
      assertThat(answer).contains("\"code\":\"malformedRequest\"");
    }
  }

  @Test
  void nobodyGetsInWithoutAKey() {
    for (String value : List.of("", "Basic abc", "Bearer", "Bearer wrong", "Bearer x y")) {
      HttpRequest.Builder request = HttpRequest.newBuilder(api.uri("/v1/campaigns"));
      if (!value.isEmpty()) request.header("Authorization", value);
      HttpResponse<String> answer = api.send(request.build());

      problem(answer, 401, "unauthorized");
      assertThat(header(answer, "WWW-Authenticate")).startsWith("Bearer");
    }
  }

  @Test
  void aKeyIsLookedUpOnceForManyRequests() {
    int unused = api.get("/v1/campaigns").statusCode();
    int before = api.stores.keyLookups.get();

    for (int i = 0; i < 20; i++) {
      assertThat(api.get("/v1/campaigns").statusCode()).isEqualTo(200);
    }

    assertThat(api.stores.keyLookups.get()).isEqualTo(before);
  }

  @Test
  void aLostDatabaseIsUnavailableAndSaysWhenToTryAgain() {
    for (Throwable lost :
        List.of(
            new TimeoutException("no answer"),
            new SQLException("gone", "08006"),
            new IllegalStateException("wrapped", new SQLException("disk full", "53100")))) {
      api.parley.failure = lost;
      HttpResponse<String> answer = api.get("/v1/campaigns/" + campaign());

      problem(answer, 503, "unavailable");
      assertThat(header(answer, "Retry-After")).isEqualTo("5");
    }
  }

  @Test
  void aLostDatabaseDuringTheKeyLookUpIsNoReasonToCallTheKeyWrong() {
    api.stores.failure = new SQLException("gone", "08006");
    HttpResponse<String> down = api.get("/v1/campaigns", "Authorization", "Bearer another");
    problem(down, 503, "unavailable");

    api.stores.failure = null;
    problem(api.get("/v1/campaigns", "Authorization", "Bearer another"), 401, "unauthorized");
  }

  @Test
  void whatNobodyForesawTellsNothingOfTheInside() {
    api.parley.failure = new IllegalStateException("secret of ada@example.org");
    HttpResponse<String> answer = api.get("/v1/campaigns/" + campaign(), "X-Request-Id", "r-17");

    problem(answer, 500, "internal");
    assertThat(answer.body()).doesNotContain("secret").doesNotContain("Exception");
    assertThat(json(answer).path("instance").asText()).isEqualTo("r-17");
  }

  @Test
  void aSaneRequestIdIsKeptAndAnotherIsReplaced() {
    assertThat(header(api.get("/healthz", "X-Request-Id", "abc-1.2_3"), "X-Request-Id"))
        .isEqualTo("abc-1.2_3");
    assertThat(header(api.get("/healthz", "X-Request-Id", "a b"), "X-Request-Id"))
        .isNotEmpty()
        .doesNotContain(" ");
    assertThat(header(api.get("/healthz"), "X-Request-Id")).isNotEmpty();
  }

  @Test
  void aPortThatIsTakenIsSaidInOneSentence() {
    int taken = api.api.address().getPort();
    assertThatThrownBy(() -> new RunningApi("port = " + taken))
        .hasCauseInstanceOf(HttpUnavailable.class)
        .hasStackTraceContaining(
            "Cannot listen on 127.0.0.1:"
                + taken
                + ": the port is taken; stop what uses it or set"
                + " parley.http.port to another one.");
  }

  @Test
  void aSettingOutOfBoundsIsNamedWithWhatIsAllowed() {
    assertThatThrownBy(
            () ->
                HttpSettings.from(
                    ConfigFactory.parseString("parley.http.request-timeout = 2m")
                        .withFallback(ConfigFactory.load())))
        .hasMessage("parley.http.request-timeout is PT2M; allowed is PT1S to PT55S");
  }

  private static String campaign() {
    return api.parley.campaigns.keySet().iterator().next();
  }

  static JsonNode problem(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
    JsonNode problem = json(answer);
    assertThat(problem.path("code").asText()).isEqualTo(code);
    assertThat(problem.path("type").asText()).isEqualTo("urn:parley:problem:" + code);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asText()).isNotEmpty();
    assertThat(problem.path("detail").asText()).isNotEmpty();
    assertThat(problem.path("instance").asText()).isEqualTo(header(answer, "X-Request-Id"));
    return problem;
  }
}
