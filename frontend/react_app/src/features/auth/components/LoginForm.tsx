import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError, session } from "@/lib/api";

import { CodeStep } from "./CodeStep";
import { PasswordStep } from "./PasswordStep";

interface Props {
  onDone: () => void;
  /** Known already when a session has ended: only the password is asked. */
  username?: string;
  /** Filled in, and free to change. */
  initialName?: string;
}

interface Given {
  username: string;
  password: string;
  otp?: string;
}

const saysCode = (error: unknown, code: string) => error instanceof ApiError && error.code === code;

/** Name and password, and the code of an authenticator where the account asks for one. */
export function LoginForm({ onDone, username: known, initialName = "" }: Props) {
  const [username, setUsername] = useState(known ?? initialName);
  const [password, setPassword] = useState("");
  const [asked, setAsked] = useState(false);
  const login = useMutation({
    mutationFn: (given: Given) => session.login(given.username.trim(), given.password, given.otp),
    onSuccess: onDone,
    onError: (error) => {
      // The password was right: what is missing is the second step, which is no error to show.
      if (saysCode(error, "otp_required")) setAsked(true);
    },
  });
  const error = saysCode(login.error, "otp_required") ? null : login.error;
  const startOver = () => {
    login.reset();
    setAsked(false);
    setPassword("");
  };
  if (asked) {
    return (
      <CodeStep
        username={username.trim()}
        busy={login.isPending}
        error={error}
        onCode={(otp) => login.mutate({ username, password, otp })}
        onBack={startOver}
      />
    );
  }
  return (
    <PasswordStep
      username={username}
      onUsername={setUsername}
      fixedName={known !== undefined}
      password={password}
      onPassword={setPassword}
      busy={login.isPending}
      error={error}
      onSubmit={() => login.mutate({ username, password })}
    />
  );
}
