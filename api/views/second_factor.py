"""One's second factor."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.refusals import as_answers
from api.serializers.sessions import (
    OtpCodeSerializer,
    PasswordProofSerializer,
    RecoveryCodesSerializer,
    TotpDisableSerializer,
    TotpEnrolmentSerializer,
    TotpStateSerializer,
)
from api.views.base import TitanAPIView, signed_in, valid
from users.services import second_factor

__all__ = ["RecoveryCodesView", "TotpConfirmView", "TotpDisableView", "TotpView"]


class TotpView(TitanAPIView):
    """The authenticator."""

    @extend_schema(operation_id="auth_totp_retrieve", responses=TotpStateSerializer)
    def get(self, request: Request) -> Response:
        """Whether signing in asks for a code, and how many recovery codes are left."""
        return Response(TotpStateSerializer(second_factor.state(signed_in(request))).data)

    @extend_schema(
        operation_id="auth_totp_enrol", request=PasswordProofSerializer, responses=TotpEnrolmentSerializer
    )
    def post(self, request: Request) -> Response:
        """A new secret for an authenticator app; it is asked for once a code of it is confirmed."""
        data = valid(PasswordProofSerializer, request)
        with as_answers():
            made = second_factor.enrol(signed_in(request), password=data["password"])
        return Response(TotpEnrolmentSerializer(made).data)


class TotpConfirmView(TitanAPIView):
    """The first code."""

    @extend_schema(
        operation_id="auth_totp_confirm", request=OtpCodeSerializer, responses=RecoveryCodesSerializer
    )
    def post(self, request: Request) -> Response:
        """Turn codes on with the first one; the ten recovery codes, shown this once."""
        data = valid(OtpCodeSerializer, request)
        return Response({"recovery_codes": second_factor.confirm(signed_in(request), code=data["code"])})


class TotpDisableView(TitanAPIView):
    """The end of it."""

    @extend_schema(operation_id="auth_totp_disable", request=TotpDisableSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Switch codes off and forget the secret."""
        data = valid(TotpDisableSerializer, request)
        with as_answers():
            second_factor.disable_own(signed_in(request), password=data["password"], code=data["code"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecoveryCodesView(TitanAPIView):
    """Codes for the day the telephone is gone."""

    @extend_schema(
        operation_id="auth_totp_recovery_codes",
        request=PasswordProofSerializer,
        responses=RecoveryCodesSerializer,
    )
    def post(self, request: Request) -> Response:
        """Ten new recovery codes, shown this once; the old ones open nothing any more."""
        data = valid(PasswordProofSerializer, request)
        with as_answers():
            codes = second_factor.new_recovery_codes(signed_in(request), password=data["password"])
        return Response({"recovery_codes": codes})
