package org.parley.agents.sandbox.sip;

import java.time.Instant;

/**
 * A call the sandbox was asked for.
 *
 * @param attemptId what stands before the at sign of Call-ID
 * @param number who was called
 * @param answered whether the phone was taken up and the caller said so too, with ACK
 * @param packets how many RTP packets came
 * @param pressed the keys that were pressed
 * @param end how it ended: a status, or {@code caller}, {@code customer} or {@code open}
 */
public record SandboxCall(
    Instant at,
    String attemptId,
    String number,
    boolean answered,
    long packets,
    String pressed,
    String end) {}
