export { LoginForm } from "./components/LoginForm";
export { LoginPage } from "./components/LoginPage";
